"""Book GPUs and clusters of the IOG network: a thin, typed layer over the ``iog`` command.

import iog

with iog.Cluster(gpus=8, hours=2, pay="usdc", max_cost="40", yes=True) as cluster:
    cluster.submit("python train.py", working_dir="train")
    cluster.download("results")
"""

from .amounts import Amount, Money
from .cluster import Cluster
from .command import Cli
from .errors import (
    Error,
    JobFailed,
    NotInstalled,
    OutcomeUnknown,
    OutsideDriverWarning,
    RayError,
    Refused,
    RpcError,
    StillBooked,
    Timeout,
    UsageError,
)
from .job import Input, Job, Needs, Readiness
from .order import Order
from .ray_jobs import RayJob, RayJobs, RayJobStatus, printable
from .results import ClusterStatus, ExecResult, Extension, File, LeaseStatus, LogPiece, Member, OrderState, Quote
from .terms import Terms

__all__ = [
    "Amount",
    "Cli",
    "Cluster",
    "ClusterStatus",
    "Error",
    "ExecResult",
    "Extension",
    "File",
    "Input",
    "Job",
    "JobFailed",
    "LeaseStatus",
    "LogPiece",
    "Member",
    "Money",
    "Needs",
    "NotInstalled",
    "Order",
    "OrderState",
    "OutcomeUnknown",
    "OutsideDriverWarning",
    "Quote",
    "RayError",
    "RayJob",
    "RayJobStatus",
    "RayJobs",
    "Readiness",
    "Refused",
    "RpcError",
    "StillBooked",
    "Terms",
    "Timeout",
    "UsageError",
    "printable",
]
__version__ = "0.1.0"
