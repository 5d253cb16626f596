# mini-swe-agent 2 as a contestant: its own loop, tool and prompts, our task and model, no question asked.
import os
from pathlib import Path

import yaml
from minisweagent.agents.default import DefaultAgent
from minisweagent.config import builtin_config_dir
from minisweagent.environments.local import LocalEnvironment
from minisweagent.models.litellm_model import LitellmModel

config = yaml.safe_load((builtin_config_dir / "mini.yaml").read_text())
templates = {name: config["agent"][name] for name in ("system_template", "instance_template")}
kind = "anthropic" if "ANTHROPIC_API_KEY" in os.environ else "openai"
model = LitellmModel(model_name=f"{kind}/{os.environ['ARENA_MODEL']}", **config["model"])
sandbox = LocalEnvironment(cwd=os.environ["ARENA_CHECKOUT"], timeout=600, **config["environment"])
log = Path(os.environ["ARENA_TRAJECTORY"])
agent = DefaultAgent(model, sandbox, cost_limit=0, output_path=log, **templates)
print(agent.run(Path(os.environ["ARENA_TASK"]).read_text()))
