"""Whatever the declarations allow survives both directions, as octets and as XML."""

import pytest
from declared_values import values
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.declare import Element
from harness.exi import codec_for, from_xml, to_xml
from harness.messages import SCHEMAS

MODEST = settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
DOCUMENTS = [
    pytest.param(schema, cls, id=f"{schema.name}-{cls.__name__}")
    for schema in SCHEMAS.values()
    for cls in schema.messages
]
SIGNATURES = [pytest.param(SCHEMAS["XMLDSIG"], element, id=element.name) for element in SCHEMAS["XMLDSIG"].elements]


def survives(schema, element, kind):
    """Octets and XML give the same value back, and the same octets again."""
    codec = codec_for(schema)
    octets = codec.encode(element, kind)
    assert codec.decode_element(octets, kind) == element
    text = to_xml(codec, element, kind)
    assert from_xml(codec, text, kind) == element


@pytest.mark.parametrize(("schema", "cls"), DOCUMENTS)
@MODEST
@given(data=st.data())
def test_a_message_survives_both_directions(schema, cls, data):
    message = data.draw(values(schema, cls))

    survives(schema, codec_for(schema).name(message), "document")


@pytest.mark.parametrize(("schema", "element"), SIGNATURES)
@MODEST
@given(data=st.data())
def test_an_element_of_xmldsig_survives_both_directions(schema, element, data):
    value = data.draw(values(schema, element.kind))

    survives(schema, Element(element.name, element.namespace, value), "document")


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
@settings(MODEST, max_examples=15)
@given(data=st.data())
def test_any_element_of_one_type_survives_as_a_fragment(schema, data):
    codec = codec_for(schema)
    unique = [
        (name, next(iter(kinds)))
        for name, kinds in schema.element_kinds.items()
        if len(kinds) == 1 and not any(e.abstract and (e.name, e.namespace) == name for e in schema.elements)
    ]
    (name, namespace), kind = data.draw(st.sampled_from(unique))
    element = Element(name, namespace, data.draw(values(schema, kind)))

    octets = codec.encode(element, "fragment")

    assert codec.decode_element(octets, "fragment") == element
