{#- What a generation publishes is named for what it is (fct_, dim_, kpi_, recon_, meta_) and lives in
    main; everything else stays in the schema of its layer. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- set prefix = node.name.split('_')[0] -%}
    {%- if prefix in ['fct', 'dim', 'kpi', 'recon', 'meta'] -%}
        main
    {%- else -%}
        {{ custom_schema_name | trim if custom_schema_name else target.schema }}
    {%- endif -%}
{%- endmacro %}
