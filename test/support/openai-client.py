# Drives a server of ours with OpenAI's own Python client and prints what it got as one line of JSON.
import json
import sys

import openai

base_url, key = sys.argv[1:3]
client = openai.OpenAI(base_url=f"{base_url}/v1", api_key=key, max_retries=0)
messages = [{"role": "user", "content": "hello"}]
seen = {"version": openai.__version__}

seen["models"] = [model.id for model in client.models.list()]

whole = client.chat.completions.create(model="a1", messages=messages, seed=7, extra_body={"a1": {"samples": 2}})
seen["whole"] = whole.choices[0].message.content
seen["finish"] = whole.choices[0].finish_reason
seen["candidates"] = whole.choices[0].model_extra["a1"]["candidates"]

plain = client.chat.completions.create(model="a1-draft", messages=messages, seed=7, max_tokens=60)
pieces = client.chat.completions.create(
    model="a1-draft", messages=messages, seed=7, max_tokens=60, stream=True, stream_options={"include_usage": True}
)
chunks = list(pieces)
seen["plain"] = plain.choices[0].message.content
seen["joined"] = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
seen["pieces"] = len(chunks)
seen["usage"] = chunks[-1].usage.to_dict()

told = client.chat.completions.create(
    model="a1-target", messages=messages, max_tokens=5, logprobs=True, top_logprobs=2
)
seen["logprobs"] = [token.logprob for token in told.choices[0].logprobs.content]

many = client.completions.create(model="a1-draft", prompt="Once", n=3, max_tokens=20)
seen["choices"] = len({choice.text for choice in many.choices})


def failure(**more):
    try:
        client.chat.completions.create(**{"model": "a1", "messages": messages, **more})
    except openai.APIStatusError as error:
        return [type(error).__name__, error.status_code, error.code, error.param, error.request_id is not None]
    return None


seen["tools"] = failure(tools=[{"type": "function", "function": {"name": "f"}}])
seen["model"] = failure(model="gpt")
client.api_key = "another-key-altogether"
seen["key"] = failure()
client.api_key = key

stream = client.chat.completions.create(model="a1-target", messages=messages, stream=True)
next(iter(stream))
stream.close()

print(json.dumps(seen))
