{#
    Codes and names of units, brought to one writing. Two orders of a code are in use: QCVN 102:2016 writes the
    smallest unit first and fills up with zeros (000.01.13.H11), Decision 20/2020/QĐ-TTg, Article 4, writes the
    largest first (H11.13.01). The younger law's order is the one; trailing groups of zeros name nothing.
    Whatever is no such code (a ward's number, a name) stays as it is.
#}
{% macro one_unit_code(expression) -%}
    {{ return(adapter.dispatch('one_unit_code', 'cchc')(expression)) }}
{%- endmacro %}

{% macro duckdb__one_unit_code(expression) -%}
    case
        when {{ expression }} not like '%.%' then {{ expression }}
        when regexp_matches(upper({{ expression }}), '^([0-9]{2,3}\.)+[A-Y][0-9]{2}$')
            then regexp_replace(
                array_to_string(list_reverse(string_split(upper({{ expression }}), '.')), '.'),
                '(\.0+)+$',
                ''
            )
        when regexp_matches(upper({{ expression }}), '^[A-Y][0-9]{2}(\.[0-9]{2,3})+$')
            then regexp_replace(upper({{ expression }}), '(\.0+)+$', '')
        else {{ expression }}
    end
{%- endmacro %}

{#
    A name as it is compared, never as it is shown: NFC, lower case, one kind of space and dash, no apostrophe
    (B'Lao, BLao), the tone on the vowel that both spellings agree on (Ủy, Uỷ), UBND written out, and no
    "Sở" in front, which lists leave out.
#}
{% macro folded_name(expression) -%}
    {{ return(adapter.dispatch('folded_name', 'cchc')(expression)) }}
{%- endmacro %}

{% macro duckdb__folded_name(expression) -%}
    nullif(regexp_replace(regexp_replace(trim(list_reduce(
        [
            'òa oà', 'óa oá', 'ỏa oả', 'õa oã', 'ọa oạ', 'òe oè', 'óe oé', 'ỏe oẻ', 'õe oẽ', 'ọe oẹ',
            'ùy uỳ', 'úy uý', 'ủy uỷ', 'ũy uỹ', 'ụy uỵ'
        ],
        lambda name, pair: replace(name, pair[1:2], pair[4:5]),
        regexp_replace(regexp_replace(regexp_replace(
            lower(nfc_normalize({{ expression }})),
            '[''’‘ʼ`´]', '', 'g'), '\s*[-–—]\s*', '-', 'g'), '\s+', ' ', 'g')
    )), '^ubnd ', 'uỷ ban nhân dân '), '^sở ', ''), '')
{%- endmacro %}
