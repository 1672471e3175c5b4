"""What was measured, as a table: `rows` are those that measure.py writes to its JSON. Needs nothing but Python."""

PEERS = {"sdpa flash": "flash", "sdpa cudnn": "cuDNN", "flex": "Flex", "flex with its mask": "Flex + mask"}
HEAD = ["attention", "dim", "rows x keys", "attnc ms", *(f"{name} ms" for name in PEERS.values()), "TFLOP/s", "GB/s", "of ceiling"]


def rates(row):
    """Operations and bytes a second. A visible pair takes 4 operations for each element of a row, half of them for each of the
    products; keys and values are read once for all heads that share them."""
    seconds = row["seconds"]["attnc"]
    heads, width = row["batch"] * row["heads"], row["dims"]["dim"] + row["dims"]["value_dim"]
    pairs = row["visible"] * heads * row["queries"] * row["keys"]
    read = row["visible"] * row["batch"] * row["kv_heads"] * row["keys"] * width * row["element_bytes"]
    return 2 * pairs * width / seconds, read / seconds


def cells(row, ceilings):
    def milliseconds(name):
        found = row["seconds"].get(name)
        return f"{1000 * found:.3f}" if found else "-"

    shape = [row["name"], str(row["dims"]["dim"]), f"{row['queries']} x {row['keys']}"]
    times = [milliseconds(name) for name in ("attnc", *PEERS)]
    if not row["seconds"].get("attnc"):
        return [*shape, *times, "-", "-", "-"]
    flops, read = rates(row)
    # Few rows are bound by what is read, many by what is multiplied.
    part = read / ceilings["copy_bytes_per_second"] if row["queries"] == 1 else flops / ceilings["matmul_flops"]
    return [*shape, *times, f"{flops / 1e12:.1f}", f"{read / 1e9:.0f}", f"{100 * part:.0f} %"]


def place_of(row):
    return f"{row['name']} dim {row['dims']['dim']}, {row['queries']} x {row['keys']}"


def ratios(rows):
    """How much faster than each of the others, of every row, by the name of the other."""
    found = {}
    for row in rows:
        own = row["seconds"].get("attnc")
        for name in PEERS:
            other = row["seconds"].get(name)
            if own and other:
                found.setdefault(name, []).append((other / own, place_of(row)))
    return found


def table(rows, ceilings):
    lines = ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
    lines += ["| " + " | ".join(cells(row, ceilings)) + " |" for row in rows]
    for name, all_ratios in ratios(rows).items():
        worst, best = min(all_ratios), max(all_ratios)
        lines.append(f"\n{worst[0]:.2f} to {best[0]:.2f} times as fast as {PEERS[name]}: worst at {worst[1]}, best at {best[1]}.")
    return "\n".join(lines)
