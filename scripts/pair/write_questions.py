"""Writes held-out questions with their answers, in the shape that `arena a1 bench` reads: python write_questions.py COUNT > FILE.jsonl"""

import json
import sys
from itertools import islice

from task import questions

for number, question in enumerate(islice(questions("bench", held_out=True), int(sys.argv[1])), 1):
    row = {"id": f"sum-{number}", "problem": question.text, "answer": question.answer, "level": f"{question.steps} steps"}
    print(json.dumps(row))
