"""The columnar case in numpy: reads the numbers of the hand-written loops, prints milliseconds for all of them, or nothing without numpy."""
import json
import sys
import time

try:
    import numpy as np
except ImportError:
    sys.exit(0)


def columns(model, contexts):
    S = contexts
    if model["window"]:
        y = np.minimum(S, model["window"])
    elif model["chunk"]:
        y = (S - 1) % model["chunk"] + 1
    else:
        y = 0.0
    line = lambda one, linear, extra: one + linear * S + extra * y
    cores = sum(np.maximum(line(*core["flop"]) * model["usdPerFlop"], line(*core["bytes"]) * model["usdPerByte"]) for core in model["cores"])
    attention = 1e6 * (cores + model["linearFlop"] * model["usdPerFlop"])
    ffn = np.full_like(S, 1e6 * model["ffnFlop"] * model["usdPerFlop"])
    head = np.full_like(S, 1e6 * model["headFlop"] * model["usdPerFlop"])
    return attention, ffn, head, attention + ffn + head


given = json.load(sys.stdin)
contexts = np.array(given["contexts"], dtype=np.float64)
times = []
for _ in range(7):
    start = time.perf_counter()
    for model in given["models"]:
        columns(model, contexts)
    times.append(1e3 * (time.perf_counter() - start))
print(sorted(times)[len(times) // 2])
