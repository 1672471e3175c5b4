# PyTorch itself, on any machine: it takes the operator of `halves` into a graph without running it, and FlexAttention runs the
# mask and the score, a captured tensor of bf16 among what they read. Prints nothing where all is well.
import pathlib
import sys
import warnings

import torch  # Before the folder below is looked through: it may hold one that only stands for PyTorch.

sys.path.append(str(pathlib.Path(__file__).with_name("cuda")))
warnings.filterwarnings("ignore")

import check
import halves_flex
import halves_torch
from attnc_kernel import CallError

operator = halves_torch.operator()


class Doubled(torch.nn.Module):
    def forward(self, query, key, value, gate):
        return operator(query, key, value, gate, window=3) * 2


shapes = [(1, 4, 17, 24), (1, 2, 33, 24), (1, 2, 33, 40), (33,)]
tensors = [torch.zeros(shape, dtype=torch.bfloat16) for shape in shapes]
graph = torch.export.export(Doubled(), tuple(tensors)).graph
found = {str(node.target): node.meta["val"] for node in graph.nodes if node.op == "call_function"}
out = found["attnc.halves.default"]
if (tuple(out.shape), out.dtype) != ((1, 4, 17, 40), torch.bfloat16):
    print(f"the operator gives {out}")
try:
    halves_torch.call(*tensors[:3], gate=tensors[3])
    print("rows on the CPU are no error")
except CallError as error:
    if str(error) != "query is on cpu, no CUDA device":
        print(error)

judged = 0
for case in check.cases_of(halves_torch.DESCRIPTION).values():
    if "key_lengths" in case:
        continue  # FlexAttention knows no lengths.
    rows = [torch.from_numpy(case[name]) for name in ("query", "key", "value")]
    gate = torch.from_numpy(case["gate"]).bfloat16()
    answer = halves_flex.attend(*rows, tensors={"gate": gate}, params={"window": case["param.window"].item()})
    judged += 1
    if not (abs(answer.double().numpy() - case["out.expected"]) <= case["out.bound"]).all():
        print("FlexAttention gives something else")
if judged < 2:
    print("too few cases were judged")
