"""The strongly connected components of a graph: groups of nodes that reach each other."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping


def strong_components(graph: Mapping[int, Collection[int]]) -> Iterator[list[int]]:
    """Tarjan's algorithm without recursion: groups of nodes that reach each other, each after those that it points at."""
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    path: list[int] = []
    done: set[int] = set()
    for root in graph:
        work = [] if root in index else [(root, iter(sorted(graph[root])))]
        while work:
            node, targets = work[-1]
            if node not in index:
                index[node] = low[node] = len(index)
                path.append(node)
            target = next((one for one in targets if one not in done), None)
            if target is not None:
                if target in index:
                    low[node] = min(low[node], index[target])
                else:
                    work.append((target, iter(sorted(graph[target]))))
                continue
            work.pop()
            if work:
                low[work[-1][0]] = min(low[work[-1][0]], low[node])
            if low[node] == index[node]:
                start = path.index(node)
                yield path[start:]
                done.update(path[start:])
                del path[start:]
