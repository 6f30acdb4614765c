"""Certificates: made from profiles, checked against them; each flaw is seen, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from harness.errors import DescriptionError, UsageError
from harness.pki.check import Deviation, check_chain, guess_profile, issued_by, key_type
from harness.pki.factory import Chain, Pki, make_pki
from harness.pki.flaws import FLAWS
from harness.pki.profiles import CHAINS, IDENTITIES, LARGEST_CERTIFICATE
from harness.pki.recipe import ChainRecipe, Recipe, read_recipe
from harness.resources import resource

NOW = datetime(2026, 3, 1, tzinfo=UTC)
EVERY_PROFILE = tuple(ChainRecipe(name, name) for name in CHAINS)
EVERY_FLAW = tuple(ChainRecipe(f"{profile}_{flaw}", profile, flaw) for profile in ("secc", "vehicle") for flaw in FLAWS)


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki(Recipe(EVERY_PROFILE + EVERY_FLAW), NOW)


def deviations(pki: Pki, chain: Chain, now: datetime = NOW) -> list[Deviation]:
    root = pki.roots[CHAINS[chain.profile].authorities[0]]
    return check_chain(chain.presented, chain.profile, now, [root])


@pytest.mark.parametrize("profile", CHAINS)
def test_a_sound_chain_has_no_deviation(pki: Pki, profile: str) -> None:
    assert deviations(pki, pki.chains[profile]) == []


@pytest.mark.parametrize("profile", CHAINS)
def test_a_chain_leads_link_by_link_to_its_root_which_is_not_presented(pki: Pki, profile: str) -> None:
    chain = pki.chains[profile]
    whole = [*chain.presented, chain.root]
    assert all(issued_by(below, above) for below, above in pairwise(whole))
    assert chain.root not in chain.presented
    assert chain.root == pki.roots[CHAINS[profile].authorities[0]]


@pytest.mark.parametrize("profile", ["secc", "vehicle"])
@pytest.mark.parametrize(
    ("flaw", "number", "what"),
    [
        ("expired", 1, "validity"),
        ("not_yet_valid", 1, "validity"),
        ("wrong_root", 3, "trust anchor"),
        ("ca_leaf", 1, "basic constraints"),
        ("missing_sub_ca", 1, "issuer"),
        ("wrong_usage", 1, "extended key usage"),
    ],
)
def test_a_flaw_is_seen_where_it_is(pki: Pki, profile: str, flaw: str, number: int, what: str) -> None:
    found = deviations(pki, pki.chains[f"{profile}_{flaw}"])
    assert (number, what) in [(each.certificate, each.what) for each in found]
    allowed = {what, "key usage"}  # a leaf of the wrong usage, or of an authority, has the wrong key usage too
    assert {each.what for each in found} <= allowed
    assert all(each.expected and each.actual and each.source for each in found)


def test_every_flaw_is_tried_above() -> None:
    assert set(FLAWS) == {"expired", "not_yet_valid", "wrong_root", "ca_leaf", "missing_sub_ca", "wrong_usage"}


def test_keys_are_p521_and_certificates_far_below_the_largest_size(pki: Pki) -> None:
    for chain in pki.chains.values():
        assert {key_type(certificate) for certificate in chain.presented} == {"P-521"}
        assert max(map(len, chain.chain_der)) < LARGEST_CERTIFICATE / 2


def test_vehicle_is_named_by_evccid_and_maker_alone(pki: Pki) -> None:
    leaf = pki.chains["vehicle"].leaf.certificate
    assert leaf.subject.rfc4514_string() == f"O=v2x-harness,CN={IDENTITIES['evccid']}"


def test_lab_chain_deviates_by_its_curve_and_hash_in_every_certificate() -> None:
    lab = make_pki(Recipe(algorithm="P-256"), NOW)
    found = deviations(lab, lab.chains["vehicle"])
    assert [(each.certificate, each.what) for each in found] == [
        (number, what) for number in (1, 2, 3) for what in ("public key", "signature")
    ]


def test_ed448_is_as_good_as_p521() -> None:
    made = make_pki(Recipe(algorithm="Ed448"), NOW)
    assert key_type(made.chains["secc"].leaf.certificate) == "Ed448"
    assert deviations(made, made.chains["secc"]) == []


def test_a_chain_expires_with_its_leaf(pki: Pki) -> None:
    (expired,) = deviations(pki, pki.chains["secc"], NOW + timedelta(days=61))
    assert str(expired).startswith("certificate 1: validity: expected lasting beyond 2026-05-01")


def test_a_chain_that_presents_its_root_deviates(pki: Pki) -> None:
    chain = pki.chains["secc"]
    found = check_chain([*chain.presented, chain.root], "secc", NOW, [chain.root])
    assert [(each.certificate, each.what) for each in found] == [(4, "order")]


def test_a_bare_leaf_is_an_incomplete_chain(pki: Pki) -> None:
    found = check_chain(pki.chains["secc"].presented[:1], "secc", NOW)
    assert [(each.certificate, each.what) for each in found] == [(0, "completeness")]


def test_a_vehicle_chain_is_no_secc_chain(pki: Pki) -> None:
    assert "extended key usage" in [each.what for each in check_chain(pki.chains["vehicle"].presented, "secc", NOW)]
    assert "subject" in [each.what for each in check_chain(pki.chains["secc"].presented, "vehicle", NOW)]


@pytest.mark.parametrize("profile", ["secc", "vehicle", "contract", "cps"])
def test_the_profile_is_guessed_from_the_leaf(pki: Pki, profile: str) -> None:
    assert guess_profile(pki.chains[profile].leaf.certificate) == profile


def test_certificates_name_their_ocsp_responder_when_the_recipe_does() -> None:
    made = make_pki(replace(Recipe(), ocsp_url="http://ocsp.example"), NOW)
    for certificate in made.chains["secc"].presented:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
        assert [each.access_location.value for each in access] == ["http://ocsp.example"]


def test_two_pkis_share_no_key(pki: Pki) -> None:
    assert make_pki(Recipe(), NOW).chains["secc"].key_pem != pki.chains["secc"].key_pem


def test_written_keys_are_for_their_owner_alone_and_belong_to_their_certificates(pki: Pki, tmp_path: Path) -> None:
    pki.write(tmp_path)
    key_file = tmp_path / "secc" / "key.pem"
    assert key_file.stat().st_mode & 0o777 == 0o600
    key = load_pem_private_key(key_file.read_bytes(), None)
    (leaf, *_rest) = x509.load_pem_x509_certificates((tmp_path / "secc" / "chain.pem").read_bytes())
    assert key.public_key() == leaf.public_key()
    assert (tmp_path / "roots" / "v2g_root.pem").read_bytes() == pki.roots_pem("v2g_root")


def test_a_second_write_overwrites_nothing(pki: Pki, tmp_path: Path) -> None:
    pki.write(tmp_path)
    with pytest.raises(UsageError, match="exists already"):
        pki.write(tmp_path)


@pytest.mark.parametrize("name", ["standard", "lab", "flawed"])
def test_recipes_that_come_along_can_be_made(name: str) -> None:
    recipe = read_recipe(resource("certs", f"{name}.yaml"))
    assert set(make_pki(recipe, NOW).chains) == {chain.name for chain in recipe.chains}


def test_flawed_recipe_holds_every_flaw_of_both_sides() -> None:
    recipe = read_recipe(resource("certs", "flawed.yaml"))
    assert {(chain.profile, chain.flaw) for chain in recipe.chains if chain.flaw} == {
        (profile, flaw) for profile in ("secc", "vehicle") for flaw in FLAWS
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("chains: {secc: {profile: sec}}", "did you mean secc?"),
        ("chains: {secc: {profile: secc, flaw: expird}}", "did you mean expired?"),
        ("chain: {secc: {profile: secc}}", "did you mean chains?"),
        ("algorithm: P-512\nchains: {}", "did you mean P-521?"),
        ("identities: {evcid: X}\nchains: {}", "did you mean evccid?"),
        ("identities: {evccid: 7}\nchains: {}", "put it in quotes"),
        ("identities: {evccid: " + "x" * 65 + "}\nchains: {}", "65 characters"),
        ("chains: {../x: {profile: secc}}", "cannot name a directory"),
        ("chains: [secc]", "is no mapping"),
        ("{}", "has no chains"),
    ],
)
def test_a_wrong_recipe_is_refused_with_its_line_and_a_remedy(text: str, said: str, tmp_path: Path) -> None:
    recipe = tmp_path / "mine.yaml"
    recipe.write_text(text)
    with pytest.raises(DescriptionError) as refused:
        read_recipe(recipe)
    assert said in str(refused.value)
    assert "mine.yaml:" in str(refused.value)
