{# Estimates from small samples. Sums of doubles depend on the order of rows in their last digits:
   what is published is rounded, so that no order shows. #}

{# How many observations the mean of a group is worth beside a member's own: the prior's strength of
   an empirical-Bayes estimate, by moments (Marshall 1991, Applied Statistics 40(2), 283-294):
   between = max(0, s2 - noise / mean exposure), s2 the members' exposure-weighted variance about the
   group's mean; strength = noise / between. `noise` is a single observation's variance: the mean
   itself for counts of events, mean * (1 - mean) for shares. Where members differ no more than
   chance makes them, the group's whole exposure: nobody stands out. #}
{% macro prior_strength(noise, spread, mean_exposure, whole_exposure) -%}
least(
            {{ whole_exposure }},
            coalesce(
                {{ noise }} / nullif(greatest(0, {{ spread }} - {{ noise }} / {{ mean_exposure }}), 0),
                {{ whole_exposure }}
            )
        )
{%- endmacro %}

{# A member's own rate drawn towards its group's by the prior's strength. #}
{% macro shrunk_rate(events, exposure, group_rate, strength) -%}
round(
            ({{ events }} + {{ group_rate }} * {{ strength }}) / ({{ exposure }} + {{ strength }}), 9
        )
{%- endmacro %}

{# What several independent signals say together: one less the chance that each of them errs. #}
{% macro confidence_of_all(confidence) -%}
round(1 - exp(sum(ln(1 - cast({{ confidence }} as double)))), 9)
{%- endmacro %}
