from steeliq.verify.verdict import Outcome, Verdict
from steeliq.verify.verify import verify

__all__ = ["Outcome", "Verdict", "verify"]
