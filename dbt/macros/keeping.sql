{#- Keeping what an earlier build settled: a model may keep the rows of every key for which all that
    it reads is as it was, and derive the others anew. A `prints` relation holds one row per key and
    a print (hash) of its input; when the model is built, the prints are settled beside it.

    The rows of a key must depend on nothing but what its print covers: then keeping them equals
    deriving them anew. -#}

{# The relation of settled prints, or none where everything is to be derived anew: on the first
   build, on a full refresh, and when the model's code or columns are no longer the same. #}
{% macro settled_prints(prints) -%}
    {%- if not execute or flags.FULL_REFRESH or load_relation(this) is none -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set settled = adapter.get_relation(
        this.database, ref(prints).schema, settled_name(this)
    ) -%}
    {%- if settled is none -%}{{ return(none) }}{%- endif -%}
    {%- set code = run_query('select code from ' ~ settled ~ ' limit 1').columns[0].values() -%}
    {%- set held = adapter.get_columns_in_relation(this) | map(attribute='name') | list -%}
    {%- if code | list != [local_md5(model.raw_code)] or held | sort != model.columns | list | sort -%}
        {{ return(none) }}
    {%- endif -%}
    {{ return(settled) }}
{%- endmacro %}

{% macro settled_name(relation) -%}
    {{ return('settled_' ~ relation.identifier) }}
{%- endmacro %}

{# A post-hook: what this model was built from is settled. #}
{% macro settle(prints) -%}
create or replace table {{ ref(prints).schema }}.{{ settled_name(this) }} as
select *, '{{ local_md5(model.raw_code) }}' as code
from {{ ref(prints) }}
{%- endmacro %}

{# The keys whose input is as it was: none where nothing is settled. #}
{% macro unchanged_keys(prints, settled, keys) -%}
    select prints.{{ keys | join(', prints.') }}
    from {{ ref(prints) }} as prints
    {% if settled -%}
    inner join {{ settled }} as settled
        on
            {% for key in keys -%}
            prints.{{ key }} = settled.{{ key }}
            and {% endfor -%}
            prints.print = settled.print
    {%- else -%}
    where false
    {%- endif %}
{%- endmacro %}
