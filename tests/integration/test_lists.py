"""Lists that begin in some way: their order, their pages both ways, and how many there are."""
import collections
import urllib.parse

import pytest


@pytest.fixture
def server(tubeops, sim):
    tubeops.import_ids(sim.ids(3000))
    tubeops.json("run", "batch_metadata", "--limit", "2500")
    with tubeops.serve() as running:
        running.tubeops = tubeops
        yield running


def ask(server, **words):
    answer = server.get("/api/channels?" + urllib.parse.urlencode(words))
    assert answer.status == 200, answer
    return answer.json()


def most_frequent(texts, length):
    """The beginning that most of them have, in small letters as the index compares them."""
    return collections.Counter(t[:length].lower() for t in texts).most_common(1)[0][0]


@pytest.mark.parametrize("column,form", [("custom_url", "{}"), ("title", "title={}*")])
def test_pages_of_texts_that_begin_so(server, column, form):
    rows = server.tubeops.sql(f"SELECT {column}, id, channel_id FROM channel_meta JOIN channel_id USING (cid)"
                              f" WHERE {column} IS NOT NULL")
    # without blanks and signs, which mean something in a filter
    word = most_frequent([r[0] for r in rows if r[0].lstrip("@")[:2].isascii() and r[0].lstrip("@")[:2].isalnum()],
                         3 if column == "custom_url" else 2)
    wanted = sorted((r[0].lower(), r[1], r[2]) for r in rows if r[0].lower().startswith(word))
    ids = [r[2] for r in wanted]
    assert len(ids) > 10
    q, seen, places = form.format(word), [], [None]
    while places[-1] or len(places) == 1:
        page = ask(server, q=q, limit=7, fields="channel_id", **({"after": places[-1]} if places[-1] else {}))
        seen += [c["channel_id"] for c in page["channels"]]
        places.append(page["next"])
    assert seen == ids  # in the order of the texts, each once
    back, place = [], "end"
    while place:
        page = ask(server, q=q, limit=7, fields="channel_id", before=place)
        back = [c["channel_id"] for c in page["channels"]] + back
        place = page["previous"]
    assert back == ids
    counted = ask(server, q=q, limit=0, count=1)
    assert (counted["total"], counted["total_is"]) == (len(ids), "exact")
    # another order is still anybody's choice
    subs = [c["subscriber_count"] for c in ask(server, q=q, limit=500, sort="subs")["channels"] if c["subscriber_count"] is not None]
    assert subs == sorted(subs, reverse=True)
    assert [c["channel_id"] for c in ask(server, q=q, limit=500, sort="id")["channels"]] == sorted(ids)


def test_more_terms_narrow_it_further(server):
    least = server.tubeops.value("SELECT subscriber_count FROM channel_meta ORDER BY subscriber_count LIMIT 1 OFFSET 1200")
    word = most_frequent([r[0] for r in server.tubeops.sql("SELECT custom_url FROM channel_meta WHERE custom_url LIKE '@%'")], 2)
    wanted = server.tubeops.sql("SELECT channel_id FROM channel_meta JOIN channel_id USING (cid) WHERE custom_url LIKE ? || '%'"
                                " AND subscriber_count >= ? ORDER BY custom_url COLLATE NOCASE, id", word, least)
    page = ask(server, q=f"{word} subs>={least}", limit=1000, count=1)
    assert [c["channel_id"] for c in page["channels"]] == [r[0] for r in wanted] and len(wanted) > 3
    assert (page["total"], page["total_is"]) == (len(wanted), "exact")


def test_nobody_can_ask_for_the_order_of_handles(server):
    """Channels without one would be left out."""
    answer = server.get("/api/channels?sort=handle")
    assert answer.status == 400 and "is no order; write one of id, title, subs" in answer.json()["error"]
    assert "handle, with" not in answer.json()["error"]
