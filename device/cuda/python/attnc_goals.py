"""What the kernels should reach beside others, and whether they did: `judge` looks at the rows that measure.py writes to its JSON,
`goal_table` prints what it found. Needs nothing but Python.

Goals speak of the attentions that attnc is measured by, under their names; of rows of 16 bits; and of 8192 keys and more. The worst
row decides. A floor is what must be reached, and a goal what is hoped for."""

from attnc_report import place_of, rates

FEWEST_KEYS = 8192
PLAIN = "causal"  # What a score is laid beside.


def beside(peer):
    """How many times as fast as another."""
    return lambda row, run: row["seconds"][peer] / row["seconds"]["attnc"] if row["seconds"].get(peer) else None


def beside_plain(row, run):
    """How many times as fast as the same call without its score."""
    same = ("dims", "batch", "heads", "kv_heads", "queries", "keys")
    plain = [each for each in run["rows"] if each["name"] == PLAIN and all(each[name] == row[name] for name in same)]
    times = [each["seconds"]["attnc"] for each in plain if each["seconds"].get("attnc")]
    return times[0] / row["seconds"]["attnc"] if times else None


def operations(row, run):
    return rates(row)[0] / 1e12


def share_of_copy(row, run):
    return rates(row)[1] / run["ceilings"]["copy_bytes_per_second"]


TIMES, TERAFLOPS, SHARE = "{:.2f} ×", "{:.0f} TFLOP/s", "{:.0%}"
DENSE, SPARSE, SCORED = ("full", "causal"), ("window", "documents"), ("softcap", "alibi")
ANY = (*DENSE, *SPARSE, *SCORED)
AMPERE, HOPPER = 80, 90

# What is asked, of which attentions, dim and rows ("many", or "few" when decoding), of devices from which capability on, how it is
# measured and printed, the floor, and the goal.
GOALS = [
    ("flash backend", DENSE, 128, "many", AMPERE, beside("sdpa flash"), TIMES, 0.85, 0.85),
    ("FlexAttention with its mask", SPARSE, 128, "many", AMPERE, beside("flex with its mask"), TIMES, 1.5, 1.5),
    ("copy bandwidth when decoding", ANY, 128, "few", AMPERE, share_of_copy, SHARE, 0.6, 0.6),
    ("FlexAttention", DENSE, 128, "many", HOPPER, beside("flex"), TIMES, 1.2, 1.4),
    ("cuDNN backend", DENSE, 128, "many", HOPPER, beside("sdpa cudnn"), TIMES, 0.8, 0.95),
    ("operations at dim 64", DENSE, 64, "many", HOPPER, operations, TERAFLOPS, 370, 450),
    ("FlexAttention without its mask", SPARSE, 128, "many", HOPPER, beside("flex"), TIMES, 1.2, 1.2),
    ("FlexAttention with its mask, Hopper", SPARSE, 128, "many", HOPPER, beside("flex with its mask"), TIMES, 1.5, 3.0),
    ("the kernel without a score", SCORED, 128, "many", HOPPER, beside_plain, TIMES, 1 / 1.1, 1 / 1.1),
    ("copy bandwidth when decoding, Hopper", ANY, 128, "few", HOPPER, share_of_copy, SHARE, 0.7, 0.85),
]


def judge(run):
    """One record a goal. `run` has rows, ceilings, and the capability of the device as 10 major + minor."""
    return [judge_goal(run, *goal) for goal in GOALS]


def judge_goal(run, name, attentions, dim, rows, capability, measure, unit, floor, goal):
    asked = unit.format(floor) if floor == goal else f"{unit.format(floor)}, hoped {unit.format(goal)}"
    verdict = {"goal": name, "asked": asked, "worst": None, "where": None, "rows": 0, "verdict": "not measured"}
    if run["capability"] < capability:
        return verdict
    chosen = [
        row
        for row in run["rows"]
        if row["name"] in attentions
        and row["dims"] == {"dim": dim, "value_dim": dim}
        and row["element_bytes"] == 2
        and row["keys"] >= FEWEST_KEYS
        and (row["queries"] == 1) == (rows == "few")
    ]
    still = [place_of(row) for row in chosen if not row["seconds"].get("attnc")]
    if still:
        return {**verdict, "where": still[0], "rows": len(chosen), "verdict": "missed: it does not run"}
    measured = [(measure(row, run), place_of(row)) for row in chosen]
    measured = [each for each in measured if each[0] is not None]
    if not measured:
        return verdict
    worst, where = min(measured)
    word = "reached" if worst >= goal else "floor reached, goal missed" if worst >= floor else "missed"
    return {**verdict, "worst": unit.format(worst), "where": where, "rows": len(measured), "verdict": word}


def goal_table(verdicts):
    lines = ["| beside | asked | worst | where | rows | |", "|" + "---|" * 6]
    for each in verdicts:
        cells = (each["goal"], each["asked"], each["worst"] or "-", each["where"] or "-", str(each["rows"]), each["verdict"])
        lines.append("| " + " | ".join(cells) + " |")
    counts = {}
    for each in verdicts:
        word = each["verdict"].split(":")[0]
        counts[word] = counts.get(word, 0) + 1
    lines.append(f"\n{len(verdicts)} goals: " + "; ".join(f"{count} {word}" for word, count in counts.items()) + ".")
    return "\n".join(lines)
