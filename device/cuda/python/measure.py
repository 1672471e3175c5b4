"""Measures the kernels of this folder on the current device, beside PyTorch's own attention (its flash and cuDNN backends) and
compiled FlexAttention, with and without the time to build its block mask:
`python3 measure.py [--folders OTHER] [--tokens 2048,8192] [--heads 16] [--seconds 1] [--json measured.json]`.
It needs this folder and PyTorch, and says "not measured" where there is no device.

Every kernel is first compared with f64 on fresh numbers, its results poisoned before. Times are medians of runs that take
turns with those of the others. What the device can copy and multiply at most is measured in the same run. At its end stands which
goals were reached."""

import argparse
import importlib
import json
import pathlib
import sys

from attnc_goals import goal_table, judge
from attnc_kernel import Description
from attnc_report import table

FOLDER = pathlib.Path(__file__).parent


def reason_not_to_measure():
    try:
        import torch
    except ImportError:
        return "there is no PyTorch"
    return None if torch.cuda.is_available() else "there is no CUDA device"


def shapes(tokens, heads):
    """Whole sequences, and decoding: one row, four heads a KV head."""
    for count in tokens:
        yield dict(batch=1, heads=heads, kv_heads=heads, queries=count, keys=count)
    for count in tokens:
        yield dict(batch=8, heads=heads, kv_heads=max(1, heads // 4), queries=1, keys=count)


def measure_all(folders, chosen):
    import attnc_peers
    import attnc_torch

    report = {**attnc_peers.versions(), "ceilings": attnc_peers.ceilings(chosen.seconds), "rows": []}
    print(json.dumps({name: value for name, value in report.items() if name != "rows"}, indent=2))
    for path in (path for folder in folders for path in sorted(folder.glob("*.cu"))):
        sys.path.insert(0, str(path.parent))
        sys.modules.pop(f"{path.stem}_flex", None)
        flex = importlib.import_module(f"{path.stem}_flex")
        sys.path.pop(0)
        description = Description(path.with_suffix(".json"))
        try:
            worst, pattern = attnc_peers.check(description, flex)
        except NotImplementedError as error:
            print(f"{description.name}: not measured, because {error}", file=sys.stderr)
            continue
        for places in shapes([int(each) for each in chosen.tokens.split(",")], chosen.heads):
            found = attnc_peers.measure(description, flex, pattern, places, chosen.seconds)
            row = {"name": description.name, "dims": description.dims, "worst_error": worst, "kernel": attnc_torch.taken[description.name], **places, **found}
            report["rows"].append(row)
            print(f"{description.name} dim {description.dims['dim']}, {places['queries']} x {places['keys']}: {row['kernel']}", file=sys.stderr)
    return report


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--folders", nargs="*", type=pathlib.Path, default=[], help="more folders to measure, as of other dims")
    options.add_argument("--tokens", default="2048,8192,16384,65536")
    options.add_argument("--heads", type=int, default=16)
    options.add_argument("--seconds", type=float, default=1.0)
    options.add_argument("--json", default="measured.json")
    chosen = options.parse_args()
    reason = reason_not_to_measure()
    if reason:
        print(f"not measured: {reason}")
        pathlib.Path(chosen.json).write_text(json.dumps({"not_measured": reason}, indent=2))
        return 1
    report = measure_all([FOLDER, *chosen.folders], chosen)
    report["goals"] = judge(report)
    print(f"{table(report['rows'], report['ceilings'])}\n\n{goal_table(report['goals'])}")
    pathlib.Path(chosen.json).write_text(json.dumps(report, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
