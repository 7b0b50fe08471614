"""Makes platform/evaluation/metrics.reference.jsonl: rankings with judgements, and what trec_eval itself says of them.

    pip install pytrec-eval-terrier
    python tools/reference-metrics.py platform/evaluation/metrics.reference.jsonl

The same seed makes the same file, so it can be made again and compared.
"""

import json
import random
import sys

import pytrec_eval

SEED = 20261123
QUERIES = 60


def make_case(number: int, rng: random.Random) -> dict:
    corpus = [f"d{index}" for index in range(rng.choice([5, 40, 400]))]
    highest = rng.choice([1, 1, 2, 4])
    judged = rng.sample(corpus, min(len(corpus), rng.choice([1, 3, 12, 60])))
    judgements = {document: rng.randint(0, highest) for document in judged}
    ranking = rng.sample(corpus, min(len(corpus), rng.choice([1, 5, 10, 100, 250])))
    if number % 3 == 0:  # A good ranking: the relevant ones tend to come first.
        ranking.sort(key=lambda document: rng.random() - judgements.get(document, 0))
    return {"judgements": judgements, "ranking": ranking}


def evaluate(cases: list[dict], depth: int | None, measures: set[str]) -> dict:
    qrels = {str(number): case["judgements"] for number, case in enumerate(cases)}
    run = {
        str(number): {document: float(-rank) for rank, document in enumerate(case["ranking"][:depth])}
        for number, case in enumerate(cases)
    }
    return pytrec_eval.RelevanceEvaluator(qrels, measures).evaluate(run)


def main() -> None:
    rng = random.Random(SEED)
    cases = [make_case(number, rng) for number in range(QUERIES)]
    whole = evaluate(cases, None, {"ndcg_cut.10", "recall.100"})
    first_ten = evaluate(cases, 10, {"recip_rank"})
    for number, case in enumerate(cases):
        case["ndcgAt10"] = whole[str(number)]["ndcg_cut_10"]
        case["recallAt100"] = whole[str(number)]["recall_100"]
        case["mrrAt10"] = first_ten[str(number)]["recip_rank"]
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.writelines(json.dumps(case) + "\n" for case in cases)


main()
