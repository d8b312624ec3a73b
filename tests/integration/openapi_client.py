"""Requests made up from an OpenAPI document, and what may be said of their answers.  Standard library only.

Good requests keep to the document, bad ones break it in one place; both come from a seed, so that a failure can be
had again.
"""
import json
import random
import string
import urllib.parse

WORDS = ["", "a", "channels", "true", "null", "../../etc/passwd", "%00", "\u0000", "é日😀", "'; DROP TABLE channel;--",
         "<script>", "{}", "[]", "0", "-1", "1e9", " ", "\t\n", "x" * 600, "J-1", "UCBJycsmduvYEL83R_U4JriQ",
         "https://www.youtube.com/@someone", "%", "&=", "\\", "\"", "2026-11-29", "csv", "jsonl", "metadata"]
OTHERS = [None, True, False, 0, -1, 1.5, 10 ** 30, "", "text", [], {}, [1], {"a": 1}, ["UC"], [[[]]]]


def resolve(document, schema):
    while "$ref" in schema:
        node = document
        for part in schema["$ref"].split("/")[1:]:
            node = node[part]
        schema = node
    return schema


def fits(document, schema, value, where="answer"):
    """What is wrong with value, as texts."""
    schema = resolve(document, schema)
    kinds = schema.get("type")
    if kinds is not None:
        kinds = kinds if isinstance(kinds, list) else [kinds]
        tests = {"integer": type(value) is int, "number": type(value) in (int, float), "string": type(value) is str,
                 "boolean": type(value) is bool, "array": type(value) is list, "object": type(value) is dict,
                 "null": value is None}
        if not any(tests[k] for k in kinds):
            return ["%s is no %s: %.200r" % (where, kinds, value)]
    if isinstance(value, dict):
        wrong = ["%s has no %s" % (where, n) for n in schema.get("required", []) if n not in value]
        return wrong + [w for n, s in schema.get("properties", {}).items() if n in value
                        for w in fits(document, s, value[n], where + "." + n)]
    if isinstance(value, list) and "items" in schema:
        return [w for i, v in enumerate(value) for w in fits(document, schema["items"], v, "%s[%d]" % (where, i))]
    return []


class Maker:
    """Makes requests of one operation."""

    def __init__(self, document, seed, known):
        """known: values by parameter name that lead somewhere, such as the id of a job."""
        self.document, self.dice, self.known = document, random.Random(seed), known

    def text(self):
        if self.dice.random() < 0.7:
            return self.dice.choice(WORDS)
        return "".join(self.dice.choice(string.printable) for _ in range(self.dice.randrange(40)))

    def good(self, name, schema):
        """A value that the schema allows."""
        kind = schema.get("type")
        if kind == "integer":
            least, most = schema["minimum"], schema["maximum"]
            return self.dice.choice([least, min(most, least + 1), self.dice.randint(least, min(most, least + 100))])
        if kind == "boolean":
            return self.dice.random() < 0.5
        if kind == "array":
            return [self.dice.choice(self.known.get("channel_ids", [self.text()])) for _ in range(self.dice.randrange(4))]
        return self.dice.choice(self.known[name]) if name in self.known and self.dice.random() < 0.6 else self.text()

    def bad(self, schema):
        """A value that it does not."""
        kind = schema.get("type")
        if kind == "integer":
            return self.dice.choice([schema["minimum"] - 1, 2 ** 63, -2 ** 70, "many", 1.5, [], {}, True])
        others = [o for o in OTHERS if fits(self.document, schema, o) and o is not None]
        return self.dice.choice(others)

    def path(self, template):
        while "{" in template:
            name = template.split("{")[1].split("}")[0]
            value = str(self.good(name, {"type": "string"})) or "x"
            template = template.replace("{%s}" % name, urllib.parse.quote(value, safe=""), 1)
        return template

    def query(self, operation, break_one):
        params = [p for p in operation["parameters"] if p["in"] == "query"]
        chosen = [p for p in params if p["required"] or self.dice.random() < 0.5]
        pairs = [(p["name"], str(self.good(p["name"], p["schema"]))) for p in chosen]
        numbers = [p for p in params if p["schema"]["type"] == "integer"]
        if break_one and numbers:
            broken = self.dice.choice(numbers)
            pairs = [p for p in pairs if p[0] != broken["name"]] + [
                (broken["name"], self.dice.choice(["x", "1.5", str(broken["schema"]["minimum"] - 1), "0x5", "9" * 30]))]
        return (urllib.parse.urlencode(pairs), bool(break_one and numbers))

    def body(self, operation, break_one):
        """(bytes, was it broken)."""
        if "requestBody" not in operation:
            return None, False
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        names = schema["properties"]
        value = {n: self.good(n, s) for n, s in names.items()
                 if n in schema.get("required", []) or self.dice.random() < 0.6}
        if break_one:
            how = self.dice.randrange(3)
            if how == 0:
                return self.dice.choice([b"{", b"[1]", b"\xff", b'"text"', b"{} x", b"nul"]), True
            name = self.dice.choice(sorted(names))
            value[name] = self.bad(names[name])
        return json.dumps(value).encode(), break_one
