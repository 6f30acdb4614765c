"""Faulty reference stations: authorisation, transactions, remote control, meter values, and what is told after an outage."""

from __future__ import annotations

from harness.fault.fault import Fault, Mutant
from harness.fault.forgetful import (
    CountsAnew,
    Decorative,
    ForgetsAtBoot,
    NeverRepeats,
    TakesErrorsForAnswers,
)
from harness.fault.ocpp import Edits, Withholds, drop, hears, learns, put, says
from harness.fault.signal import Scaled


def _mutant(name: str, what: str, *faults: Fault) -> Mutant:
    return Mutant(f"station-{name}", "station", what, faults)


_OFFLINE = ("offline", True)

_AUTHORISATION = (
    _mutant(
        "stops-for-anybody",
        "takes every token for one of the group that began",
        learns("Authorize", put("idTokenInfo.groupIdToken", {"idToken": "EVERYBODY", "type": "Central"})),
    ),
    _mutant(
        "stops-for-nobody-else", "knows no groups of tokens", learns("Authorize", drop("idTokenInfo.groupIdToken"))
    ),
    _mutant(
        "never-remembers",
        "has a cache that stays empty",
        Decorative("AuthCacheCtrlr.Enabled", "false", "AuthorizationCacheEnabled"),
    ),
    _mutant(
        "trusts-its-memory",
        "lets in whom it remembers, whatever LocalPreAuthorize says",
        Decorative("AuthCtrlr.LocalPreAuthorize", "true", "LocalPreAuthorize"),
    ),
    _mutant(
        "remembers-for-ever", "keeps what it has cached for ever", Decorative("AuthCacheCtrlr.LifeTime", "31536000")
    ),
    _mutant(
        "never-forgives",
        "asks nobody about a token that was once refused",
        Decorative("AuthCacheCtrlr.DisablePostAuthorize", "true"),
    ),
    _mutant(
        "asks-needlessly",
        "asks about refused tokens although it is told not to",
        Decorative("AuthCacheCtrlr.DisablePostAuthorize", "false"),
    ),
    _mutant("cache-lost-at-boot", "forgets its cache with each boot", ForgetsAtBoot("ClearCache", {})),
    _mutant(
        "lets-strangers-in-offline",
        "lets unknown tokens charge while offline",
        Decorative("AuthCtrlr.OfflineTxForUnknownIdEnabled", "true", "AllowOfflineTxForUnknownId"),
    ),
    _mutant(
        "lets-no-stranger-in-offline",
        "lets no unknown token charge while offline, whatever it is told",
        Decorative("AuthCtrlr.OfflineTxForUnknownIdEnabled", "false", "AllowOfflineTxForUnknownId"),
    ),
    _mutant("knows-no-master", "takes the master pass for any token", Decorative("AuthCtrlr.MasterPassGroupId", "")),
    _mutant(
        "trusts-remote-starts",
        "never checks the token of a remote start",
        Decorative("AuthCtrlr.AuthorizeRemoteStart", "false", "AuthorizeRemoteTxRequests"),
    ),
    _mutant(
        "doubts-remote-starts",
        "always checks the token of a remote start",
        Decorative("AuthCtrlr.AuthorizeRemoteStart", "true", "AuthorizeRemoteTxRequests"),
    ),
)

_LIFE = (
    _mutant(
        "waits-for-ever",
        "keeps an authorisation for whoever plugs in, however late",
        Decorative("TxCtrlr.EVConnectionTimeOut", "86400", "ConnectionTimeOut"),
    ),
    _mutant(
        "begins-at-the-plug",
        "begins transactions when an EV is plugged in",
        Decorative("TxCtrlr.TxStartPoint", "EVConnected"),
    ),
    _mutant(
        "begins-at-the-reader",
        "begins transactions when somebody is authorised",
        Decorative("TxCtrlr.TxStartPoint", "Authorized"),
    ),
    _mutant(
        "ends-at-the-plug", "ends transactions when the EV leaves", Decorative("TxCtrlr.TxStopPoint", "EVConnected")
    ),
    _mutant(
        "ends-at-the-reader",
        "ends transactions with their authorisation",
        Decorative("TxCtrlr.TxStopPoint", "Authorized"),
    ),
    _mutant(
        "stops-refused-tokens",
        "ends a transaction whose token is refused, whatever StopTxOnInvalidId says",
        Decorative("TxCtrlr.StopTxOnInvalidId", "true", "StopTransactionOnInvalidId"),
    ),
    _mutant(
        "suspends-refused-tokens",
        "never ends a transaction whose token is refused",
        Decorative("TxCtrlr.StopTxOnInvalidId", "false", "StopTransactionOnInvalidId"),
    ),
    _mutant(
        "no-energy-on-refusal", "grants a refused token no energy", Decorative("TxCtrlr.MaxEnergyOnInvalidId", "0")
    ),
    _mutant(
        "generous-on-refusal",
        "grants a refused token all the energy it wants",
        Decorative("TxCtrlr.MaxEnergyOnInvalidId", "1000000"),
    ),
    _mutant(
        "forgives-no-unplugging",
        "ends the authorisation of whoever unplugs, whatever it is told",
        Decorative("TxCtrlr.StopTxOnEVSideDisconnect", "true", "StopTransactionOnEVSideDisconnect"),
    ),
    _mutant(
        "calls-every-end-remote",
        "gives Remote as the reason of every end",
        says("TransactionEvent", put("transactionInfo.stoppedReason", "Remote"), only=("eventType", "Ended")),
    ),
    _mutant(
        "one-transaction-id",
        "gives all its transactions the same id",
        says("TransactionEvent", put("transactionInfo.transactionId", "TX-1")),
    ),
    _mutant("evse-never", "never says at which EVSE a transaction is", says("TransactionEvent", drop("evse"))),
    _mutant(
        "resumes-nothing",
        "ends every transaction that a power loss interrupts",
        Decorative("TxCtrlr.ResumptionTimeout", "0"),
    ),
    _mutant("resets-without-resuming", "takes every reset for Immediate", hears("Reset", put("type", "Immediate"))),
)

_TELLING = (
    _mutant(
        "impatient-retries",
        "tries events again at once",
        Decorative("OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]", "0", "TransactionMessageRetryInterval"),
    ),
    _mutant(
        "takes-errors-for-answers",
        "never tries an event again that was refused",
        TakesErrorsForAnswers("TransactionEvent"),
    ),
    _mutant("tells-once", "never tells an event again that got no answer", NeverRepeats("TransactionEvent")),
    _mutant(
        "storms",
        "connects again within a second, however often it failed",
        Decorative("OCPPCommCtrlr.RetryBackOffWaitMinimum", "0"),
        Decorative("OCPPCommCtrlr.RetryBackOffRandomRange", "1"),
    ),
    _mutant(
        "back-off-stays",
        "waits no longer the more often it fails to connect",
        Decorative("OCPPCommCtrlr.RetryBackOffRepeatTimes", "0"),
    ),
    _mutant(
        "back-off-in-step",
        "adds nothing random to its waits for a connection",
        Decorative("OCPPCommCtrlr.RetryBackOffRandomRange", "0"),
    ),
    _mutant(
        "loses-what-was-offline", "never tells what happened while offline", Withholds("TransactionEvent", _OFFLINE)
    ),
    _mutant(
        "stamps-the-queue-anew",
        "tells what happened while offline under another time",
        Edits("out", "request", "TransactionEvent", (put("timestamp", "2020-01-01T00:00:00Z"),), _OFFLINE),
    ),
    _mutant(
        "all-states-after-outages",
        "tells all states after each outage",
        Decorative("OCPPCommCtrlr.OfflineThreshold", "0"),
    ),
    _mutant(
        "few-states-after-outages",
        "tells no more than changed states after an outage, however long",
        Decorative("OCPPCommCtrlr.OfflineThreshold", "31536000"),
    ),
)

_METERING = (
    _mutant(
        "one-list-of-measurands",
        "samples power whatever it is asked to",
        Decorative("SampledDataCtrlr.TxUpdatedMeasurands", "Power.Active.Import", "MeterValuesSampledData"),
    ),
    _mutant(
        "samples-at-leisure",
        "samples every 17 s whatever it is told",
        Decorative("SampledDataCtrlr.TxUpdatedInterval", "17", "MeterValueSampleInterval"),
    ),
    _mutant(
        "no-clock-values",
        "takes no values at the clock",
        Decorative("AlignedDataCtrlr.Interval", "0", "ClockAlignedDataInterval"),
    ),
    _mutant(
        "clock-values-off-the-grid",
        "takes values every 7 s of the clock, whatever it is told",
        Decorative("AlignedDataCtrlr.Interval", "7", "ClockAlignedDataInterval"),
    ),
    _mutant(
        "clock-values-always",
        "takes values at the clock during transactions although it is told not to",
        Decorative("AlignedDataCtrlr.SendDuringIdle", "false"),
    ),
    _mutant(
        "keeps-no-samples",
        "keeps no samples for the end of a transaction",
        Decorative("SampledDataCtrlr.TxEndedInterval", "0"),
    ),
    _mutant(
        "wrong-units",
        "tells everything in Wh",
        says("TransactionEvent", put("meterValue.*.sampledValue.*.unitOfMeasure.unit", "Wh")),
    ),
    _mutant("counts-slowly", "counts half of the energy", Scaled("energy_import", 0.5)),
    _mutant(
        "counts-anew",
        "sets its registers back with each boot",
        CountsAnew("energy_import"),
        CountsAnew("energy_export"),
    ),
    _mutant(
        "nameless-triggered-values",
        "calls the values that it is asked for periodic",
        says("MeterValues", put("meterValue.*.sampledValue.*.context", "Sample.Periodic")),
    ),
)

CATALOGUE: tuple[Mutant, ...] = (*_AUTHORISATION, *_LIFE, *_TELLING, *_METERING)
