"""Validates JSON against a schema, as far as our schemas go; a keyword it does not know is an error.

usage: json_schema.py SCHEMA FILE
"""
import json
import re
import sys

TYPES = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float),
         "boolean": bool, "null": type(None)}
KNOWN = {"$schema", "$id", "$ref", "title", "description", "definitions", "type", "properties",
         "required", "additionalProperties", "items", "enum", "const", "pattern", "minimum",
         "maximum", "minItems"}


def is_type(value, name):
    return isinstance(value, TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def check(value, schema, root, place):
    if "$ref" in schema:
        schema = root["definitions"][schema["$ref"].rsplit("/", 1)[1]]
    if set(schema) - KNOWN:
        sys.exit(f"{place}: unknown keywords {set(schema) - KNOWN}")
    types = schema.get("type", list(TYPES))
    if not any(is_type(value, t) for t in ([types] if isinstance(types, str) else types)):
        sys.exit(f"{place}: {value!r} is no {types}")
    if "enum" in schema and value not in schema["enum"] or value != schema.get("const", value):
        sys.exit(f"{place}: {value!r} is not one of those allowed")
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        sys.exit(f"{place}: {value!r} does not match {schema['pattern']}")
    if is_type(value, "number") and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        sys.exit(f"{place}: {value} is out of range")
    if isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            sys.exit(f"{place}: too few items")
        for i, item in enumerate(value):
            check(item, schema.get("items", {}), root, f"{place}[{i}]")
    if isinstance(value, dict):
        for key in schema.get("required", []):
            if key not in value:
                sys.exit(f"{place}: {key} is missing")
        for key, item in value.items():
            known = schema.get("properties", {})
            if key not in known and schema.get("additionalProperties", True) is False:
                sys.exit(f"{place}: {key} is not in the schema")
            check(item, known.get(key, {}), root, f"{place}.{key}")


schema, data = (json.load(open(name)) for name in sys.argv[1:])
check(data, schema, schema, "$")
