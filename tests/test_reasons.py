"""The words of the API, what they mean for a wait, and how they are said. Whole bodies are in tests/kinds."""

from __future__ import annotations

from typing import Any

import pytest

from lastgood.model.health import Cause, Observation
from lastgood.model.resource import Body
from lastgood.reasons import (
    RULES,
    cause,
    causes_of,
    clock_of,
    grace_problem,
    graces,
    maker_causes,
    newest,
    pod_causes,
    rule_of,
    same_template,
    with_grace,
    worst_first,
)
from lastgood.reasons.asking import asked
from lastgood.reasons.exits import ending
from lastgood.reasons.graces import NEVER
from lastgood.reasons.images import Pull, failed_pull
from lastgood.reasons.probes import Failing, failing, killer, often
from lastgood.reasons.scheduling import unplaced

IMAGE = "registry.lab/shop/web:2"
ASKED = f'failed to pull and unpack image "{IMAGE}": failed to resolve reference "{IMAGE}": '


class TestTable:
    """The table itself."""

    def test_reasons_that_end_the_wait_at_once(self) -> None:
        """A short list, to be read before it grows: nothing that passes by itself belongs here."""
        at_once = {reason for reason, rule in RULES.items() if rule.hopeless and not rule.grace}
        jobs = {"BackoffLimitExceeded", "DeadlineExceeded", "FailedIndexes", "JobFailed", "MaxFailedIndexesExceeded"}
        rest = {"InvalidImageName", "SignatureValidationFailed", "PodFailed", "PodFailurePolicy"}
        assert at_once == jobs | rest

    def test_transient_reasons_have_no_grace(self) -> None:
        assert [reason for reason, rule in RULES.items() if not rule.hopeless and rule.grace] == []

    @pytest.mark.parametrize("reason", RULES)
    def test_a_sentence_names_its_reason(self, reason: str) -> None:
        said = cause(reason, who="container web", detail="of this").sentence
        assert said.endswith(f" ({reason})")
        assert "{" not in said

    def test_a_word_that_is_not_known_explains(self) -> None:
        assert cause("SomethingNew", who="container web", detail="a thing").sentence == (
            "container web waits: a thing (SomethingNew)"
        )
        assert not rule_of("SomethingNew").hopeless

    def test_a_long_message_is_cut_and_put_on_one_line(self) -> None:
        said = cause("CreateContainerError", who="container web", detail="one\ntwo " + "x" * 900).sentence
        assert said.startswith("container web cannot start: one two xxx")
        assert len(said) < 480

    def test_the_worst_comes_first_and_nothing_twice(self) -> None:
        waits, sure = Cause("A", "a (A)"), Cause("B", "b (B)", hopeless=True)
        likely, again = Cause("C", "c (C)", hopeless=True, grace=9), Cause("D", "c (D)", hopeless=True, grace=9)
        assert worst_first((waits, likely, again, sure)) == (sure, likely, waits)

    def test_one_trouble_one_clock(self) -> None:
        """What follows upon one another counts together; what has nothing to do with it does not."""
        clocks = [clock_of(Cause(reason, "")) for reason in ("ErrImagePull", "ImagePullBackOff", "RegistryUnavailable")]
        assert len(set(clocks)) == 1
        crashes = {clock_of(Cause(reason, "")) for reason in ("CrashLoopBackOff", "Error", "OOMKilled", "Restarted")}
        assert len(crashes) == 1
        assert crashes.isdisjoint(clocks)
        assert clock_of(Cause("Unheard", "")) != clock_of(Cause("UnheardToo", ""))


@pytest.mark.parametrize(
    ("message", "words", "certain"),
    [
        (f"{ASKED}{IMAGE}: not found", "not found", True),
        ("manifest unknown: manifest unknown", "not found", True),
        (f"{ASKED}unexpected status from HEAD request to https://r/v2/x: 404 Not Found", "not found", True),
        (f"{ASKED}pull access denied, repository does not exist or may require authorization", "access denied", True),
        (f"{ASKED}failed to authorize: failed to fetch anonymous token: 401 Unauthorized", "access denied", True),
        ("no basic auth credentials", "access denied", True),
        ("unexpected status from HEAD request to https://r/v2/x: 403 Forbidden", "access denied", True),
        ('failed to parse image "a:b:c": invalid reference format', "not a valid name", True),
        ("no matching manifest for linux/arm64 in the manifest list entries", "there is none for this platform", True),
        (
            "dial tcp: lookup registry.lab on 10.0.0.10:53: no such host",
            "the registry's name cannot be resolved",
            False,
        ),
        ("dial tcp 10.0.0.9:443: connect: connection refused", "the registry cannot be reached", False),
        ("net/http: TLS handshake timeout", "the registry does not answer", False),
        ("rpc error: code = DeadlineExceeded desc = context deadline exceeded", "the registry does not answer", False),
        ("failed to copy: httpReadSeeker: unexpected EOF", "the registry does not answer", False),
        ("toomanyrequests: You have reached your pull rate limit", "the registry allows no more pulls for now", False),
        ("received unexpected HTTP status: 503 Service Unavailable", "the registry is in trouble", False),
        ("500 Internal Server Error: not found in cache", "the registry is in trouble", False),
        (
            "tls: failed to verify certificate: x509: unknown authority",
            "the registry's certificate is not trusted",
            False,
        ),
    ],
)
def test_why_an_image_cannot_be_pulled(message: str, words: str, certain: bool) -> None:
    """Only what the registry says for sure is certain; the network may be better in a moment."""
    pull = failed_pull(IMAGE, message)
    assert (pull.detail, pull.grace == 0) == (f"{IMAGE}: {words}", certain)


@pytest.mark.parametrize("image", ["shop/not-found:1", "r.lab/denied/401:404", "unauthorized", "a/b@sha256:404"])
def test_the_name_of_an_image_says_nothing(image: str) -> None:
    """It may be called what it likes: what counts is what the registry answers."""
    message = f'failed to resolve reference "{image}": failed to do request: Head "https://r/v2/{image}": i/o timeout'
    assert failed_pull(image, message) == Pull(f"{image}: the registry does not answer", grace=60)


@pytest.mark.parametrize("image", ["shop/eof:1", "r.lab/forbidden/x509@sha256:1"])
def test_a_name_that_sounds_like_the_network_is_no_excuse(image: str) -> None:
    message = f'failed to resolve reference "{image}": {image}: not found'
    assert failed_pull(image, message) == Pull(f"{image}: not found", grace=0)


class TestMakers:
    """Who makes pods says in its own way why it cannot."""

    def test_events_are_read_by_their_time(self) -> None:
        """The newest word counts, whatever order they come in and however the time is written."""
        made = event("SuccessfulCreate", "2026-11-23T17:50:01Z")
        denied = event("FailedCreate", "2026-11-23T17:50:01.500000Z")
        assert [one.reason for one in maker_causes(maker(), (denied, made))] == ["FailedCreate"]
        assert maker_causes(maker(), (denied, event("SuccessfulCreate", "2026-11-23T17:50:02Z"))) == ()

    def test_of_two_at_one_moment_the_success_came_last(self) -> None:
        at = "2026-11-23T17:50:01Z"
        assert maker_causes(maker(), (event("FailedCreate", at), event("SuccessfulCreate", at))) == ()

    def test_a_series_counts_by_its_last(self) -> None:
        series = event("FailedCreate", "") | {"series": {"lastObservedTime": "2026-11-23T17:59:00Z"}, "eventTime": None}
        assert (
            newest((series, event("SuccessfulCreate", "2026-11-23T17:58:00Z")), {"FailedCreate", "SuccessfulCreate"})
            is series
        )

    def test_an_event_without_any_time(self) -> None:
        bare = {"kind": "Event", "metadata": {}, "reason": "FailedCreate", "message": "pods is forbidden"}
        assert [one.grace for one in maker_causes(maker(), (bare,))] == [8]

    def test_nothing_said_nothing_wrong(self) -> None:
        assert maker_causes(maker()) == ()


def maker() -> Body:
    return {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "web"}}


def event(reason: str, at: str) -> Body:
    words = 'create Pod web-1 in StatefulSet web failed error: pods "web-1" is forbidden: exceeded quota'
    return {"kind": "Event", "metadata": {}, "reason": reason, "message": words, "lastTimestamp": at or None}


class TestGrace:
    """``lastgood.dev/grace`` on a workload."""

    @pytest.mark.parametrize(
        ("written", "seconds"),
        [
            ("90", 90),
            ("90s", 90),
            ("2m", 120),
            ("1h", 3600),
            ("1h30m", 5400),
            ("1m1.5s", 61.5),
            ("0s", 0),
            ("never", NEVER),
        ],
    )
    def test_a_time(self, written: str, seconds: float) -> None:
        body = annotated(f"ErrImagePull={written}")
        assert (graces(body), grace_problem(body)) == ({"ErrImagePull": seconds}, "")

    def test_several(self) -> None:
        body = annotated(" ErrImagePull = 60s , CrashLoopBackOff=2m,")
        assert (graces(body), grace_problem(body)) == ({"ErrImagePull": 60.0, "CrashLoopBackOff": 120.0}, "")

    def test_none(self) -> None:
        assert (graces({"metadata": {}}), grace_problem({"metadata": {}})) == ({}, "")

    @pytest.mark.parametrize(
        ("written", "problem"),
        [
            ("ErrImagePul=60s", "'ErrImagePul' is not a known reason, meant is ErrImagePull?"),
            ("Xyz=60s", "'Xyz' is not a known reason"),
            ("ErrImagePull=soon", "'soon' is not a time; write it as 90s, 2m, 1h30m or never"),
            ("ErrImagePull", "'' is not a time; write it as 90s, 2m, 1h30m or never"),
            ("ErrImagePull=-5s", "'-5s' is not a time; write it as 90s, 2m, 1h30m or never"),
            ("CrashLoopBackOff=1m,ErrImagePull=2 m", "'2 m' is not a time; write it as 90s, 2m, 1h30m or never"),
        ],
    )
    def test_what_is_wrong_with_it(self, written: str, problem: str) -> None:
        assert grace_problem(annotated(written)) == problem

    def test_the_very_reason_goes_before_its_kin(self) -> None:
        own = {"ErrImagePull": 60.0, "ImagePullBackOff": NEVER}
        pull, back_off = (Cause(reason, "", hopeless=True) for reason in ("ErrImagePull", "ImagePullBackOff"))
        assert (with_grace(pull, own).grace, with_grace(back_off, own).hopeless) == (60.0, False)

    def test_kin_does_not_make_what_explains_end_the_wait(self) -> None:
        """A pod that runs again after a crash is not condemned by a grace for crash loops."""
        assert not with_grace(cause("Restarted"), {"CrashLoopBackOff": 0.0}).hopeless


def annotated(written: str) -> Body:
    return {"metadata": {"annotations": {"lastgood.dev/grace": written}}}


class TestPods:
    """What is not shown by a whole body in tests/kinds."""

    def test_the_same_words_of_many_pods_are_said_once(self) -> None:
        pods = [broken(f"web-{number}") for number in range(50)]
        assert len(causes_of(pods, Observation(0.0, {}))) == 1

    def test_a_pod_that_is_going_is_not_asked(self) -> None:
        going = broken("web-1")
        going["metadata"]["deletionTimestamp"] = "2026-11-23T17:50:00Z"
        assert causes_of([going], Observation(0.0, {})) == ()
        assert [one.reason for one in pod_causes(going)] == ["Terminating"]

    def test_what_a_program_said_at_its_end_is_not_repeated(self) -> None:
        """It may hold anything, a password included; the evidence keeps it, masked."""
        ended = {"exitCode": 1, "reason": "Error", "message": "cannot log in with hunter2"}
        one = broken(
            "web-1", {"waiting": {"reason": "CrashLoopBackOff"}}, lastState={"terminated": ended}, restartCount=2
        )
        assert [cause.sentence for cause in pod_causes(one)] == [
            "container web crashed 3 times, last with exit code 1 (CrashLoopBackOff)"
        ]

    def test_a_signal(self) -> None:
        ended = {"exitCode": 139, "signal": 11, "reason": "Error"}
        (found,) = pod_causes(broken("web-1", {"terminated": ended}))
        assert (
            found.sentence
            == "container web crashed once, with signal 11 (SIGSEGV: it touched memory that is not its own) (Error)"
        )

    def test_a_pod_without_a_status(self) -> None:
        assert pod_causes({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {}}) == ()


def broken(name: str, state: dict[str, Any] | None = None, **status: Any) -> Body:
    state = state or {"waiting": {"reason": "InvalidImageName", "message": "x"}}
    container = {"name": "web", "ready": False, "restartCount": 0, "state": state, **status}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "shop", "uid": name},
        "spec": {"nodeName": "node-1", "containers": [{"name": "web", "image": IMAGE}]},
        "status": {"phase": "Pending", "containerStatuses": [container]},
    }


class TestTemplates:
    """Two pod templates that make the same pods."""

    def test_the_controllers_own_label_makes_no_difference(self) -> None:
        one = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": []}}
        other = {"metadata": {"labels": {"app": "web", "pod-template-hash": "1"}}, "spec": {"containers": []}}
        assert same_template(one, other)

    def test_any_other_label_does(self) -> None:
        one = {"metadata": {"labels": {"app": "web"}}, "spec": {}}
        assert not same_template(one, {"metadata": {}, "spec": {}})

    def test_so_does_the_spec(self) -> None:
        assert not same_template({"spec": {"containers": [{"image": "a"}]}}, {"spec": {"containers": [{"image": "b"}]}})


class TestScheduler:
    """The scheduler's message, in words."""

    @pytest.mark.parametrize(
        ("message", "words"),
        [
            (
                "0/2 nodes are available: 2 Insufficient memory. preemption: 0/2 nodes.",
                "0 of 2 nodes: 2 have too little memory; it asks for 64Gi",
            ),
            (
                "0/1 nodes are available: 1 Insufficient cpu.",
                "0 of 1 nodes: 1 has too little cpu; it asks for 1500m cpu",
            ),
            (
                "0/3 nodes are available: 3 Insufficient nvidia.com/gpu.",
                "0 of 3 nodes: 3 have too little nvidia.com/gpu; it asks for 2 nvidia.com/gpu",
            ),
            (
                "0/2 nodes are available: 1 node(s) had untolerated taint {team: red}, 1 node(s) were unschedulable.",
                "0 of 2 nodes: 1 has the taint team: red, 1 is cordoned",
            ),
            (
                "0/2 nodes are available: 2 node(s) say a new word, with a comma.",
                "0 of 2 nodes: 2 node(s) say a new word, with a comma",
            ),
            (
                '0/2 nodes are available: persistentvolumeclaim "data" not found. not found',
                "its PersistentVolumeClaim data is not there",
            ),
            (
                "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims.",
                "its PersistentVolumeClaim is not bound (data)",
            ),
            ("running PreBind plugin: timed out", "running PreBind plugin: timed out"),
            ("", ""),
        ],
    )
    def test_a_message(self, message: str, words: str) -> None:
        assert unplaced(message, ASKING) == words

    def test_what_init_containers_need_is_not_added_up(self) -> None:
        """They run one after the other, and before the others."""
        asks: dict[str, Any] = {"containers": [requesting("1Gi"), requesting("512Mi")]}
        assert asked(asks, "memory") == "1536Mi"
        assert asked(asks | {"initContainers": [requesting("4Gi"), requesting("2Gi")]}, "memory") == "4Gi"
        assert asked(asks | {"initContainers": [requesting("512Mi") | {"restartPolicy": "Always"}]}, "memory") == "2Gi"
        assert asked(asks | {"overhead": {"memory": "512Mi"}}, "memory") == "2Gi"
        assert asked(asks | {"resources": {"requests": {"memory": "3Gi"}}}, "memory") == "3Gi"

    def test_a_pod_that_asks_for_nothing(self) -> None:
        assert asked({"containers": [{"name": "web"}]}, "memory") == ""
        assert (
            unplaced("0/1 nodes are available: 1 Insufficient memory.", {}) == "0 of 1 nodes: 1 has too little memory"
        )


def requesting(memory: str) -> dict[str, Any]:
    return {"resources": {"requests": {"memory": memory}}}


ASKING: dict[str, Any] = {
    "containers": [{"resources": {"requests": {"memory": "64Gi", "cpu": "1500m", "nvidia.com/gpu": "2"}}}],
    "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}],
}


class TestEndings:
    """Exit codes and signals."""

    @pytest.mark.parametrize(
        ("end", "words"),
        [
            ({"exitCode": 1}, "exit code 1"),
            ({"exitCode": 0}, "exit code 0"),
            ({"exitCode": 126}, "exit code 126 (its command is there and cannot be run)"),
            ({"exitCode": 137}, "exit code 137 (SIGKILL: killed from outside)"),
            ({"exitCode": 143}, "exit code 143 (SIGTERM: told to stop)"),
            ({"exitCode": 200}, "exit code 200"),
            ({"exitCode": 137, "signal": 9}, "signal 9 (SIGKILL: killed from outside)"),
            ({"signal": 40}, "signal 40"),
            ({}, "exit code unknown"),
        ],
    )
    def test_in_words(self, end: dict[str, Any], words: str) -> None:
        assert ending(end) == words


class TestProbes:
    """What fails, and how often."""

    @pytest.mark.parametrize(
        ("times", "words"),
        [(1, "once"), (2, "twice"), (3, "at least 3 times"), (29, "at least 10 times"), (5000, "at least 1000 times")],
    )
    def test_how_often_is_told_by_steps(self, times: int, words: str) -> None:
        """A count that is another at every look would be news each time."""
        assert often(times) == words

    def test_different_words_of_one_probe_are_counted_together(self) -> None:
        refused = unhealthy("Readiness probe failed: connection refused", 2, "2026-11-23T17:50:00Z")
        answered = unhealthy(
            "Readiness probe failed: HTTP probe failed with statuscode: 503", 5, "2026-11-23T17:50:09Z"
        )
        alive = unhealthy("Liveness probe failed: timeout", 9, "2026-11-23T17:49:00Z")
        assert failing((answered, alive, refused)) == Failing("readiness", "HTTP probe failed with statuscode: 503", 7)

    def test_a_crash_after_a_killing_is_its_own(self) -> None:
        """The probe killed the instance before this one, which crashed by itself."""
        killing = {"reason": "Killing", "message": "Container web failed liveness probe, will be restarted"}
        told = ({"kind": "Event", "lastTimestamp": "2026-11-23T17:50:00Z", **killing},)
        crash = {"exitCode": 3, "startedAt": "2026-11-23T17:50:05Z"}
        assert killer(told, crash) is None
        assert killer(told, crash | {"startedAt": "2026-11-23T17:49:00Z"}) == Failing("liveness", "", 1)


def unhealthy(message: str, count: int, at: str) -> Body:
    return {"kind": "Event", "reason": "Unhealthy", "message": message, "count": count, "lastTimestamp": at}


class TestPullsAgain:
    """While an image is pulled once more, the state still tells of the time before."""

    def told(self, *happened: tuple[str, str]) -> tuple[Body, ...]:
        return tuple({"kind": "Event", "reason": reason, "lastTimestamp": at} for reason, at in happened)

    def test_another_try(self) -> None:
        events = self.told(("Failed", "2026-11-23T17:50:00Z"), ("Pulling", "2026-11-23T17:50:10Z"))
        assert failed_pull(IMAGE, "i/o timeout", events).again

    def test_a_try_that_failed_within_its_second(self) -> None:
        events = self.told(("Pulling", "2026-11-23T17:50:10Z"), ("Failed", "2026-11-23T17:50:10Z"))
        assert not failed_pull(IMAGE, "connection refused", events).again

    def test_what_is_certain_is_not_tried_in_hope(self) -> None:
        events = self.told(("Failed", "2026-11-23T17:50:00Z"), ("Pulling", "2026-11-23T17:50:10Z"))
        assert failed_pull(IMAGE, f"{ASKED}{IMAGE}: not found", events).grace == 0


@pytest.mark.parametrize(
    ("message", "grace"),
    [
        ("exceeded quota: q, requested: memory=2Gi, used: memory=0, limited: memory=1Gi", 8),
        ("exceeded quota: q, requested: memory=1Gi, used: memory=1Gi, limited: memory=1024Mi", 30),
        ("exceeded quota: q, requested: cpu=1,memory=2Gi, used: cpu=0,memory=0, limited: cpu=8,memory=1Gi", 8),
        ("exceeded quota: q, requested: count/x=?, used: count/x=1, limited: count/x=1", 30),
    ],
)
def test_a_quota_that_not_even_one_pod_fits(message: str, grace: float) -> None:
    """Nobody who goes would help."""
    told = {"kind": "Event", "reason": "FailedCreate", "message": f'pods "a" is forbidden: {message}'}
    assert [one.grace for one in maker_causes(maker(), (told | {"metadata": {}},))] == [grace]


def test_a_quota_that_not_all_pods_of_one_maker_fit() -> None:
    """With three of one Gi each, two Gi are not enough, whoever else goes; two would fit if somebody went."""
    quota = "exceeded quota: q, requested: memory=1Gi, used: memory=2Gi, limited: memory=2Gi"
    told = {"kind": "Event", "reason": "FailedCreate", "message": f'pods "a" is forbidden: {quota}', "metadata": {}}
    graces = [maker_causes(maker() | {"spec": {"replicas": count}}, (told,))[0].grace for count in (3, 2)]
    assert graces == [8, 30]


def test_a_quota_is_not_full_for_good_while_pods_are_going() -> None:
    quota = "exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2"
    told = event("FailedCreate", "2026-11-23T17:50:00Z") | {"message": f'pods "web-1" is forbidden: {quota}'}
    going = {"metadata": {"name": "web-0", "deletionTimestamp": "2026-11-23T17:50:00Z"}}
    (found,) = maker_causes(maker(), (told,), pods=(going,))
    assert (found.reason, found.hopeless) == ("QuotaInUse", False)
