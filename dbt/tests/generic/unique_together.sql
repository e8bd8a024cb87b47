{% test unique_together(model, columns) %}
-- Rows whose columns, taken together, stand more than once; nulls count as a value.
select
    {{ columns | join(', ') }},
    count(*) as row_count
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
