"""What becomes of transactions when a station loses its supply or is reset (OCPP 2.x B12, B13, E17)."""

from harness.ocpp.readings import event_type, outcome, reading, request, stopped_reason, transaction_id, trigger_reason
from harness.vocabulary import STATION, Check, Csms, StationUnderTest, differs, equals, one_of, test_case

_NEWER = STATION.OCPP_201 | STATION.OCPP_21
_KEEP = "Keep running transactions in memory that survives, with their numbers."


@test_case(
    "TC_STATION_PowerLoss_001",
    covers=("E17.FR.20", "E17.FR.21"),
    needs=("plug", "authorise", "power_cycle"),
    detects=("station-no-stopped-reason", "station-calls-every-end-remote"),
    lasts=90.0,
)
async def test_a_power_loss_ends_transactions_and_says_so(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tells after a power loss that its transaction has ended, and why.

    Given   a transaction in which energy flows, and a station that does not resume transactions
    when    its supply is switched off and on again
    then    it boots, and the end of the transaction is told with reason PowerLoss
    """
    await station.ready()
    running = await station.charging()
    cycled = await station.power_cycle()
    booted = await csms.expect("BootNotification", within=station.pixit.boot_time, after=cycled.number - 1)
    check.that(booted, request, differs(None), requirement="B01.FR.03", advice="Boot after each loss of power.")
    ended = await csms.ending(running, within=station.pixit.answer_time + 20.0, after=cycled.number - 1)
    reasons = one_of(("PowerLoss", "Reboot", "EVDisconnected"))
    check.that(ended, stopped_reason, reasons, requirement="E17.FR.21", advice=_KEEP)


@test_case(
    "TC_STATION_PowerLoss_002",
    covers=("E01.FR.08", "E02.FR.08"),
    pics=_NEWER,
    needs=("plug", "authorise", "unplug", "power_cycle"),
    detects=("station-one-transaction-id",),
    lasts=120.0,
)
async def test_no_transaction_id_is_used_twice(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station gives every transaction an id of its own, also after it has been without power.

    Given   a transaction, which the driver ends, and a power cycle
    when    an EV charges once more
    then    the id of its transaction is another
    """
    await station.ready()
    first = await station.charging()
    await station.authorise()
    await station.unplug()
    await station.watch(2.0)
    cycled = await station.power_cycle()
    await csms.expect("BootNotification", within=station.pixit.boot_time, after=cycled.number - 1)
    await station.watch(3.0)
    plugged = await station.plug_in()
    await station.authorise()
    begun = await csms.expect("TransactionEvent", within=station.pixit.start_time, after=plugged.number)
    advice = "Make ids that do not repeat, such as UUIDs; a counter in volatile memory begins anew."
    check.that(begun, transaction_id, differs(first.transaction_id), advice=advice)


@test_case(
    "TC_STATION_Resumption_001",
    covers=("E17.FR.01", "E17.FR.10", "E17.FR.14"),
    pics=STATION.OCPP_21,
    needs=("plug", "authorise", "power_cycle"),
    detects=("station-resumes-nothing", "station-rubber-stamp"),
    lasts=120.0,
)
async def test_a_transaction_is_resumed_after_a_short_power_loss(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station takes a transaction up again after a power loss that was shorter than ResumptionTimeout.

    Given   ResumptionTimeout of 10 min, and a transaction in which energy flows
    when    the supply of the station is switched off and on again
    then    an Updated of the same transaction comes with triggerReason TxResumed, and none of its end
    """
    await station.ready()
    await csms.prepare("TxCtrlr", "ResumptionTimeout", 600)
    running = await station.charging()
    cycled = await station.power_cycle()
    within = station.pixit.boot_time + station.pixit.answer_time
    resumed = await csms.expect("TransactionEvent", within=within, after=cycled.number - 1, triggerReason="TxResumed")
    check.that(resumed, transaction_id, equals(running.transaction_id), requirement="E17.FR.14", advice=_KEEP)
    seen = csms.trace.after(cycled.number - 1)
    ended = [each for each in seen if event_type(each) == "Ended"]
    check.holds(not ended, expected="a transaction that goes on", actual="Ended", advice=_KEEP)


@test_case(
    "TC_STATION_Resumption_002",
    covers=("B13.FR.03", "B13.FR.04", "B13.FR.21", "B13.FR.23", "B13.FR.30"),
    pics=STATION.OCPP_21,
    needs=("plug", "authorise"),
    detects=("station-resets-without-resuming", "station-ignores-resets", "station-rubber-stamp"),
    lasts=120.0,
)
async def test_a_reset_can_keep_transactions(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station interrupts its transaction for a reset that keeps it, and takes it up again afterwards.

    Given   ResumptionTimeout of 10 min, and a transaction in which energy flows
    when    the CSMS sends Reset ImmediateAndResume
    then    it is accepted; an Updated tells of ResetCommand, the station boots, and an Updated tells of TxResumed
    """
    await station.ready()
    await csms.prepare("TxCtrlr", "ResumptionTimeout", 600)
    running = await station.charging()
    sent = await csms.reset("ImmediateAndResume")
    check.that(sent.outcome, outcome, equals("Accepted"), advice="ResumptionTimeout is above 0.")
    number = sent.outcome.number
    told = await csms.expect("TransactionEvent", within=station.pixit.boot_time, triggerReason="ResetCommand")
    check.that(told, event_type, equals("Updated"), requirement="B13.FR.04", advice="The transaction goes on.")
    booted = await csms.expect("BootNotification", within=station.pixit.boot_time, after=number)
    check.that(booted, request, differs(None), requirement="B13.FR.21", advice="Reboot.")
    resumed = await csms.expect(
        "TransactionEvent", within=station.pixit.answer_time + 10.0, after=number, triggerReason="TxResumed"
    )
    check.that(resumed, transaction_id, equals(running.transaction_id), requirement="B13.FR.30", advice=_KEEP)


@test_case(
    "TC_STATION_Resumption_003",
    covers=("B13.FR.01",),
    pics=STATION.OCPP_21,
    detects=("station-resets-without-resuming", "station-ignores-resets", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_a_reset_cannot_keep_transactions_where_none_is_resumed(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station refuses a reset that keeps transactions where it resumes none.

    Given   ResumptionTimeout of 0
    when    the CSMS sends Reset ImmediateAndResume
    then    it is Rejected
    """
    await station.ready()
    await csms.prepare("TxCtrlr", "ResumptionTimeout", 0)
    sent = await csms.reset("ImmediateAndResume")
    check.that(sent.outcome, outcome, equals("Rejected"), advice="It could not keep what this reset promises.")


@test_case(
    "TC_STATION_Reset_004",
    covers=("B11.FR.08", "TC_B_25_CS"),
    pics=_NEWER & STATION.EVSE_RESET,
    needs=("plug", "authorise"),
    detects=("station-reboots-for-an-evse",),
    lasts=60.0,
)
async def test_an_idle_evse_is_reset_alone(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station resets one EVSE without rebooting, after which it charges as before.

    Given   a station that is idle
    when    the CSMS resets EVSE 1, and an EV is plugged in there and a token presented later
    then    the reset is accepted, no BootNotification comes, and a transaction begins
    """
    await station.ready()
    sent = await csms.reset("Immediate", 1)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="The station claims to reset EVSEs.")
    boot = await csms.expect("BootNotification", within=station.pixit.boot_time / 2, after=sent.outcome.number)
    alone = request(boot) is None
    check.holds(alone, expected="no reboot", actual="BootNotification", seen=boot, advice="Reset that EVSE alone.")
    plugged = await station.plug_in()
    await station.authorise()
    begun = await csms.expect(
        "TransactionEvent", within=station.pixit.start_time, after=plugged.number, chargingState="Charging"
    )
    check.that(begun, event_type, differs("Ended"), requirement="TC_B_25_CS", advice="An EVSE is back after its reset.")


@test_case(
    "TC_STATION_Reset_005",
    covers=("B12.FR.08", "TC_B_27_CS"),
    pics=_NEWER & STATION.EVSE_RESET,
    needs=("plug", "authorise"),
    detects=("station-reboots-for-an-evse", "station-ignores-resets", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_an_immediate_reset_of_an_evse_ends_its_transaction(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station ends the transaction of an EVSE that is reset at once, and does not reboot.

    Given   a transaction in which energy flows
    when    the CSMS resets EVSE 1 immediately
    then    it is accepted, Ended has ResetCommand and ImmediateReset, and no BootNotification comes
    """
    await station.ready()
    await station.charging()
    sent = await csms.reset("Immediate", 1)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="Immediate does not wait for transactions.")
    ended = await csms.expect("TransactionEvent", within=station.pixit.boot_time, eventType="Ended")
    check.that(ended, trigger_reason, equals("ResetCommand"), requirement="B12.FR.08", advice="Say why it ended.")
    check.that(ended, stopped_reason, equals("ImmediateReset"), requirement="B12.FR.08", advice="Say why it ended.")
    boot = await csms.expect("BootNotification", within=station.pixit.boot_time / 2, after=sent.outcome.number)
    alone = request(boot) is None
    check.holds(alone, expected="no reboot", actual="BootNotification", seen=boot, advice="Reset that EVSE alone.")


@test_case(
    "TC_STATION_Reset_006",
    covers=("B12.FR.07", "B12.FR.01", "TC_B_26_CS"),
    pics=_NEWER & STATION.EVSE_RESET & STATION.REMOTE_START,
    needs=("plug", "authorise"),
    detects=("station-ignores-resets", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_a_reset_of_an_evse_on_idle_waits(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station puts the reset of an EVSE off until its transaction has ended.

    Given   a transaction in which energy flows
    when    the CSMS resets EVSE 1 on idle, and stops the transaction 5 s later
    then    the answer is Scheduled, nothing ends before, and the transaction ends for the stop and not for the reset
    """
    await station.ready()
    running = await station.charging()
    sent = await csms.reset("OnIdle", 1)
    check.that(sent.outcome, outcome, equals("Scheduled"), advice="A transaction is running.")
    early = [each for each in await station.watch(5.0) if event_type(each) == "Ended"]
    check.holds(not early, expected="a transaction that goes on", actual="Ended", advice="OnIdle waits.")
    ended = await csms.stop_transaction(running)
    check.that(ended, reading("transactionInfo.stoppedReason"), equals("Remote"), advice="Name what ended it.")
