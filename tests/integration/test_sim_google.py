"""youtube-sim judged by Google's discovery document and Google's own client."""
import json

import pytest
from sim_checks import *  # noqa: F401, F403


def test_every_member_is_in_the_discovery_document(plain, discovery):
    ids = plain.ids(1000)
    for at in range(0, 1000, 50):
        body = plain.channels(ids[at:at + 50], part=ALL_PARTS).json()
        check({"$ref": "ChannelListResponse"}, body, discovery, "")


def test_parameters_agree_with_the_discovery_document(plain, discovery):
    method = discovery["resources"]["channels"]["methods"]["list"]
    assert method["path"] == "youtube/v3/channels" and method["httpMethod"] == "GET"
    samples = {"integer": "1", "boolean": "true", "string": "x"}
    for name, about in {**discovery["parameters"], **method["parameters"]}.items():
        params = {"key": "a", "part": "id", "id": plain.ids(1)[0], name: about.get("default", samples[about["type"]])}
        answer = plain.request("/youtube/v3/channels", params)
        assert b"Unknown name" not in answer.body, name
    for name, about in method["parameters"].items():
        if not about.get("required"):
            continue
        asked = dict(key="a", part="id", id=plain.ids(1)[0])
        del asked[name]
        assert plain.request("/youtube/v3/channels", asked).status == 400
    largest = int(method["parameters"]["maxResults"]["maximum"])
    assert plain.channels(plain.ids(1), maxResults=largest).status == 200
    assert plain.channels(plain.ids(1), maxResults=largest + 1).status == 400
    assert plain.channels(plain.ids(9), maxResults=None).json()["pageInfo"]["resultsPerPage"] == \
        int(method["parameters"]["maxResults"]["default"])


def test_fields_take_every_name_of_the_discovery_document(plain, discovery):
    def paths(schema, depth=0):
        schema = discovery["schemas"][schema["$ref"]] if "$ref" in schema else schema
        schema = schema.get("items", schema)
        schema = discovery["schemas"][schema["$ref"]] if "$ref" in schema else schema
        for name, below in schema.get("properties", {}).items():
            yield name
            if depth < 6:
                yield from (name + "/" + rest for rest in paths(below, depth + 1))
    unknown = [path for path in paths({"$ref": "ChannelListResponse"}) if "Image" not in path.split("/")[-1]
               and "/image/" not in path and not plain.channels(plain.ids(1), fields=path).status == 200]
    assert unknown == []


@pytest.fixture
def google(discovery):
    module = pytest.importorskip("googleapiclient.discovery", reason="python3-googleapi is not installed")

    def client(sim, key="key-a"):
        document = dict(discovery, rootUrl=sim.url + "/", baseUrl=sim.url + "/")
        document.pop("mtlsRootUrl", None)
        return module.build_from_document(json.dumps(document), developerKey=key)
    return client


def test_googles_client_lists_fifty_channels(google, make_sim):
    sim = make_sim(channels=500)
    ids = sim.ids(50)
    youtube = google(sim)
    request = youtube.channels().list(part="snippet,statistics", id=",".join(ids), maxResults=50)
    reply = request.execute()
    assert {i["id"] for i in reply["items"]} == {i for i in ids if sim.describe(i) != "terminated"}
    assert youtube.channels().list_next(request, reply) is None
    reply = youtube.channels().list(part="snippet", id=ids, maxResults=50, fields="items(id,snippet/title)").execute()
    assert all(set(i) == {"id", "snippet"} and set(i["snippet"]) == {"title"} for i in reply["items"])
    assert sim.units() == 2


@pytest.mark.parametrize("fault, status, reason", [
    ("quotaExceeded", 403, "quotaExceeded"), ("keyInvalid", 400, "badRequest"),
    ("accessNotConfigured", 403, "accessNotConfigured"), ("429day", 429, "rateLimitExceeded"),
    ("backendError503", 503, "backendError"), ("processingFailure400", 400, "processingFailure"),
])
def test_googles_client_sees_the_errors(google, make_sim, fault, status, reason):
    errors = pytest.importorskip("googleapiclient.errors")
    sim = make_sim(faults=fault + "@1")
    with pytest.raises(errors.HttpError) as caught:
        google(sim).channels().list(part="id", id=sim.ids(1)[0]).execute(num_retries=0)
    assert caught.value.resp.status == status
    assert json.loads(caught.value.content)["error"]["errors"][0]["reason"] == reason
    sent = json.loads(caught.value.content)["error"]["message"]
    assert sent in str(caught.value)
