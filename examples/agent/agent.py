# A whole agent: asks the model for one shell command after another, runs them in the checkout, ends when there is none.
import json, os, subprocess, urllib.request

def ask(messages):
    body = json.dumps({"model": os.environ["ARENA_MODEL"], "messages": messages}).encode()
    headers = {"content-type": "application/json", "authorization": f"Bearer {os.environ['OPENAI_API_KEY']}"}
    request = urllib.request.Request(f"{os.environ['OPENAI_BASE_URL']}/chat/completions", body, headers)
    return json.load(urllib.request.urlopen(request))["choices"][0]["message"]["content"] or ""

rules = "Answer with one shell command in a ```sh block; you will be shown what it prints. Answer DONE when you are."
messages = [{"role": "system", "content": rules}, {"role": "user", "content": open(os.environ["ARENA_TASK"]).read()}]
while True:
    answer = ask(messages)
    print(answer, flush=True)
    command = answer.partition("```sh\n")[2].partition("```")[0]
    if not command:
        break
    ran = subprocess.run(["sh", "-c", command], capture_output=True, text=True, errors="replace")
    said = f"exit code {ran.returncode}\n{(ran.stdout + ran.stderr)[-10000:]}"
    messages += [{"role": "assistant", "content": answer}, {"role": "user", "content": said}]
