"""Limits of a container, read from a machine that is made of files."""

import os

import pytest
import torch

from seglab import _cgroup, device

SLICE = "/kubepods/pod1/user"


@pytest.fixture
def machine(tmp_path):
    """machine(group, {path: text}): a root folder with /proc/self/cgroup and control groups."""

    def make(group, files, available=8_000_000):
        texts = {f"sys/fs/cgroup/{name}": text for name, text in files.items()}
        texts["proc/self/cgroup"] = group
        if available is not None:
            texts["proc/meminfo"] = f"MemFree: 1 kB\nMemAvailable: {available} kB\nCached: 2 kB\n"
        for name, text in texts.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return make


V1 = "11:memory:/docker/ab\n4:cpu,cpuacct:/docker/ab\n1:name=systemd:/docker/ab\n"
QUOTAS = {
    "version 2, in a container": ("0::/\n", {"cpu.max": "150000 100000\n"}, 1.5),
    "version 2, no limit": ("0::/\n", {"cpu.max": "max 100000\n"}, None),
    "version 2, of a group around it": (
        f"0::{SLICE}\n",
        {
            "kubepods/cpu.max": "800000 100000\n",
            "kubepods/pod1/cpu.max": "200000 100000\n",
            "kubepods/pod1/user/cpu.max": "max 100000\n",
        },
        2,
    ),
    "version 1": (
        V1,
        {
            "cpu,cpuacct/docker/ab/cpu.cfs_quota_us": "50000\n",
            "cpu,cpuacct/docker/ab/cpu.cfs_period_us": "100000\n",
        },
        0.5,
    ),
    "version 1, in a container": (
        V1,
        {"cpu/cpu.cfs_quota_us": "300000\n", "cpu/cpu.cfs_period_us": "100000\n"},
        3,
    ),
    "version 1, no limit": (
        V1,
        {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"},
        None,
    ),
    "both versions": (
        V1 + "0::/docker/ab\n",
        {
            "cpu/cpu.cfs_quota_us": "400000\n",
            "cpu/cpu.cfs_period_us": "100000\n",
            "unified/docker/ab/cpu.max": "100000 50000\n",
        },
        2,
    ),
    "another controller's group": ("5:cpuset:/\n", {"cpu/cpu.cfs_quota_us": "100000\n"}, None),
    "no file": ("0::/\n", {}, None),
}


@pytest.mark.parametrize("name", QUOTAS)
def test_the_quota_of_a_group(machine, name):
    group, files, cores = QUOTAS[name]
    assert _cgroup.cores(machine(group, files)) == cores


def test_a_machine_without_control_groups_has_no_quota(tmp_path):
    assert _cgroup.cores(tmp_path) is None
    assert _cgroup.room(tmp_path) is None


@pytest.mark.parametrize(
    ("group", "files", "left"),
    [
        ("0::/\n", {}, 8_000_000 * 1024),
        ("0::/\n", {"memory.max": "max\n", "memory.current": "5\n"}, 8_000_000 * 1024),
        ("0::/\n", {"memory.max": "1000\n", "memory.current": "900\n"}, 100),
        (
            "0::/\n",
            {
                "memory.max": "1000\n",
                "memory.current": "900\n",
                "memory.stat": "anon 9\nactive_file 5\ninactive_file 200\n",
            },
            300,
        ),
        (
            V1,
            {
                "memory/docker/ab/memory.limit_in_bytes": "9223372036854771712\n",
                "memory/docker/ab/memory.usage_in_bytes": "900\n",
                "memory/memory.limit_in_bytes": "2000\n",
                "memory/memory.usage_in_bytes": "900\n",
                "memory/memory.stat": "inactive_file 1\ntotal_inactive_file 50\n",
            },
            1150,
        ),
    ],
)
def test_the_memory_that_is_left(machine, group, files, left):
    assert _cgroup.room(machine(group, files)) == left


@pytest.mark.parametrize(
    ("quota", "threads"), [(None, 4), (8.0, 4), (4.0, 2), (3.9, 1), (1.0, 1), (0.25, 1)]
)
def test_torch_takes_half_of_what_the_quota_allows(monkeypatch, quota, threads):
    before = torch.get_num_threads()
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)), raising=False)
    monkeypatch.setattr(_cgroup, "cores", lambda: quota)
    try:
        torch.set_num_threads(6)
        assert device.share_cores() == threads
    finally:
        torch.set_num_threads(before)
