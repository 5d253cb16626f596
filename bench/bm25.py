"""Whole-file BM25 by libraries of other ecosystems, over the texts that the retriever indexed: prints seconds as JSON."""

import json
import re
import sys
import tempfile
import time

PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
WORD = re.compile(r"\w+")


def read(path):
    with open(path, encoding="utf-8", errors="replace") as lines:
        return [json.loads(line) for line in lines]


def bm25s_index(files):
    """Words and their camelCase parts, as the retriever's own terms; scores are worked out while indexing."""
    import bm25s

    def terms(text):
        for word in WORD.findall(text):
            yield word.lower()
            parts = PART.findall(word)
            if len(parts) > 1:
                yield from (part.lower() for part in parts)

    started = time.perf_counter()
    index = bm25s.BM25(k1=1.2, b=0.75)
    index.index([list(terms(file["path"] + "\n" + file["text"])) for file in files], show_progress=False)
    return time.perf_counter() - started


def bm25s_plain_index(files):
    """The library's own tokenizer, nothing set."""
    import bm25s

    started = time.perf_counter()
    tokens = bm25s.tokenize([file["path"] + "\n" + file["text"] for file in files], show_progress=False)
    bm25s.BM25().index(tokens, show_progress=False)
    return time.perf_counter() - started


def tantivy_index(files):
    """As the published system does with Lucene: path and content, English stems, two threads, stored, on disk."""
    import tantivy

    schema = tantivy.SchemaBuilder()
    schema.add_text_field("path", stored=True)
    schema.add_text_field("contents", stored=True, tokenizer_name="en_stem")
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        index = tantivy.Index(schema.build(), path=folder)
        writer = index.writer(heap_size=256_000_000, num_threads=2)
        for file in files:
            writer.add_document(tantivy.Document(path=file["path"], contents=file["path"] + "\n" + file["text"]))
        writer.commit()
        writer.wait_merging_threads()
        return time.perf_counter() - started


ENGINES = {"bm25s": bm25s_index, "bm25s-plain": bm25s_plain_index, "tantivy": tantivy_index}


def main():
    engine, path = sys.argv[1:3]
    print(json.dumps({"seconds": ENGINES[engine](read(path))}))


main()
