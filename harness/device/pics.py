"""The PICS vocabulary: everything that a device can claim, with its meaning and where the term comes from.

A claim is a promise of the maker: what is claimed is tested, what is not claimed is *not applicable* and listed as such.
Items are data; `v2x-harness explain SECC.DC_BPT` and docs/device-description.md are written from them.
"""

from __future__ import annotations

from harness.device.claims import Expression, Item, Vocabulary

_ISO20 = "ISO 15118-20:2022"
_AMD1 = "ISO 15118-20 Amendment 1"
_ISO3 = "ISO 15118-3"
_SERVICES = f"{_ISO20}, service ids and parameter sets"
_OCPP = "OCPP 2.1 Edition 2, part 5"
_OCPP_SC = f"{_OCPP}, certification profile Smart Charging"
_OCPP_V2X = "OCPP 2.1, functional block Q"
_OCPP_DER = "OCPP 2.1, functional block R"
_OCPP_ISO = f"{_OCPP}, certification profile ISO 15118 Support"
_OCPP_SECURITY = "OCPP, security profiles"
_ADR3 = "OpenADR 3"


class SeccPics(Vocabulary, role="secc"):
    """The charger's side of ISO 15118-20."""

    AC = Item("AC energy transfer", "Offers service 1: the EV's own charger takes AC.", _SERVICES)
    AC_BPT = Item("bidirectional AC energy transfer", "Offers service 5: the EV takes and gives AC.", _SERVICES)
    DC = Item("DC energy transfer", "Offers service 2: the charger supplies DC.", _SERVICES)
    DC_BPT = Item("bidirectional DC energy transfer", "Offers service 6: the charger supplies and takes DC.", _SERVICES)
    WPT = Item("wireless energy transfer", "Offers service 3.", _SERVICES)
    ACDP = Item("DC by automated connection device", "Offers service 4 (pantograph).", _SERVICES)
    ACDP_BPT = Item("bidirectional DC by automated connection device", "Offers service 7.", _SERVICES)
    MCS = Item("megawatt charging", "Offers service 8, over the DC messages.", _SERVICES)
    MCS_BPT = Item("bidirectional megawatt charging", "Offers service 9, over the DC messages.", _SERVICES)
    AC_DER_IEC = Item(
        "AC grid functions after IEC", "Offers service 10: tells the EV's inverter which grid functions to run.", _AMD1
    )
    AC_DER_SAE = Item(
        "AC grid functions after SAE",
        "Offers service 11: as IEC, with the functions of SAE J3072 and IEEE 1547.",
        _AMD1,
    )

    SCHEDULED = Item(
        "Scheduled control", "Offers parameter sets in which the EV follows a schedule it chose.", "[V2G20-2656]"
    )
    DYNAMIC = Item("Dynamic control", "Offers parameter sets in which the charger steers the power.", "[V2G20-2656]")
    MOBILITY_NEEDS_2 = Item(
        "mobility needs set by EV and charger",
        "Offers MobilityNeedsMode 2: the charger may change departure time and SOC targets.",
        "[V2G20-2663]",
        needs=DYNAMIC,
    )
    BPT_CHANNEL_SEPARATED = Item(
        "separate channels for charging and discharging",
        "Offers BPTChannel 2: the EV names the channel that it uses.",
        _SERVICES,
        needs=DC_BPT | AC_BPT | MCS_BPT | ACDP_BPT,
    )
    V2X_ENERGY = Item(
        "V2X energy window",
        "Takes EVMaximumV2XEnergyRequest and EVMinimumV2XEnergyRequest into account when it discharges the EV.",
        "[V2G20-2681]",
        needs=DYNAMIC & (DC_BPT | AC_BPT | MCS_BPT | ACDP_BPT),
    )
    GRID_FORMING = Item(
        "grid forming",
        "Offers GeneratorMode 2: supplies an island with energy of the EV.",
        _SERVICES,
        needs=DC_BPT | AC_BPT | MCS_BPT | ACDP_BPT,
    )
    PRICING_ABSOLUTE = Item("absolute prices", "Offers Pricing 1 and sends AbsolutePriceSchedule.", _SERVICES)
    PRICING_LEVELS = Item("price levels", "Offers Pricing 2 and sends PriceLevelSchedule.", _SERVICES)
    POWER_RAMP = Item(
        "announced power ramp",
        "Announces EVSEPowerRampLimitation and keeps to it.",
        _ISO20,
        needs=DC | DC_BPT | MCS | MCS_BPT,
    )

    EIM = Item("authorisation from outside", "Offers EIM: card, app, free charging or back end.", "[V2G20-2566]")
    PNC = Item("Plug and Charge", "Offers PnC: the contract certificate in the EV authorises.", "[V2G20-2566]")
    CERTIFICATE_INSTALLATION = Item(
        "contract certificate installation",
        "Announces CertificateInstallationService and fetches contract certificates for the EV.",
        _ISO20,
        needs=PNC,
    )
    TLS = Item("TLS 1.3 with both certificates", "Speaks -20 over mutually authenticated TLS 1.3.", "[V2G20-1264]")
    OCSP_STAPLING = Item(
        "stapled certificate status", "Staples one OCSP response per certificate.", "[V2G20-2388]", needs=TLS
    )
    TLS_12 = Item(
        "TLS 1.2 beside",
        "Also serves TLS 1.2 on the same port for ISO 15118-2, never for -20.",
        "[V2G20-2062]",
        needs=TLS,
    )
    ED448 = Item("Ed448 certificates", "Holds and accepts Ed448 beside P-521 certificates.", "[V2G20-2674]", needs=TLS)
    ISO_15118_2 = Item("ISO 15118-2 beside", "Also negotiates ISO 15118-2:2014.", "ISO 15118-2:2014")
    DIN_70121 = Item("DIN SPEC 70121 beside", "Also negotiates DIN SPEC 70121.", "DIN SPEC 70121:2012")

    SDP = Item("SECC discovery", "Answers SDP requests on its V2G interface.", _ISO20)
    SLAC = Item("SLAC", "Matches the EV over the control pilot's power line (HomePlug Green PHY).", _ISO3)
    WAKE_UP = Item("wake-up by the EV", "Returns to a paused session when the EV toggles the control pilot.", _ISO3)

    PAUSE = Item(
        "pause and resume", "Accepts SessionStopReq(Pause) and joins the session when the EV returns.", "[V2G20-2622]"
    )
    SERVICE_RENEGOTIATION = Item(
        "service renegotiation", "Announces ServiceRenegotiationSupported and goes back to discovery.", "[V2G20-1477]"
    )
    SCHEDULE_RENEGOTIATION = Item(
        "schedule renegotiation", "Asks for, or accepts, a new schedule while energy flows.", _ISO20
    )
    STANDBY = Item("standby", "Lets the EV stay in the loop without power (ChargeProgress Standby).", _ISO20)
    NOTIFICATION = Item(
        "notifications", "Can be made to send EVSEStatus with Pause, Terminate and the other notifications.", _ISO20
    )
    METERING = Item("meter information", "Sends MeterInfo in the loop.", "[V2G20-1082]")
    METERING_CONFIRMATION = Item(
        "metering confirmation", "Asks the EV to sign its meter values.", "[V2G20-1083]", needs=METERING & PNC
    )
    WELDING_DETECTION = Item(
        "welding detection",
        "Answers DC_WeldingDetectionReq with the voltage at its outlet.",
        _ISO20,
        needs=DC | DC_BPT | MCS | MCS_BPT,
    )
    VAS_INTERNET = Item("internet access", "Offers the value-added service 65.", _SERVICES)
    VAS_PARKING = Item("parking status", "Offers the value-added service 66.", _SERVICES)


class EvccPics(Vocabulary, role="evcc"):
    """The EV's side of ISO 15118-20."""

    AC = Item("AC energy transfer", "Selects service 1.", _SERVICES)
    AC_BPT = Item("bidirectional AC energy transfer", "Selects service 5 and feeds back AC.", _SERVICES)
    DC = Item("DC energy transfer", "Selects service 2.", _SERVICES)
    DC_BPT = Item("bidirectional DC energy transfer", "Selects service 6 and feeds back DC.", _SERVICES)
    WPT = Item("wireless energy transfer", "Selects service 3.", _SERVICES)
    ACDP = Item("DC by automated connection device", "Selects service 4 (pantograph).", _SERVICES)
    ACDP_BPT = Item("bidirectional DC by automated connection device", "Selects service 7.", _SERVICES)
    MCS = Item("megawatt charging", "Selects service 8.", _SERVICES)
    MCS_BPT = Item("bidirectional megawatt charging", "Selects service 9.", _SERVICES)
    AC_DER_IEC = Item("AC grid functions after IEC", "Selects service 10 and runs the functions it is given.", _AMD1)
    AC_DER_SAE = Item("AC grid functions after SAE", "Selects service 11 and runs the functions it is given.", _AMD1)
    THREE_PHASE = Item(
        "three phases", "Takes and gives AC on three phases.", _SERVICES, needs=AC | AC_BPT | AC_DER_IEC | AC_DER_SAE
    )

    SCHEDULED = Item("Scheduled control", "Selects and follows a schedule.", _ISO20)
    DYNAMIC = Item("Dynamic control", "Lets the charger steer the power.", _ISO20)
    MOBILITY_NEEDS_2 = Item(
        "mobility needs set by EV and charger", "Selects MobilityNeedsMode 2.", "[V2G20-2663]", needs=DYNAMIC
    )
    BPT_CHANNEL_SEPARATED = Item(
        "separate channels for charging and discharging",
        "Selects BPTChannel 2.",
        _SERVICES,
        needs=DC_BPT | AC_BPT | MCS_BPT | ACDP_BPT,
    )
    V2X_ENERGY = Item(
        "V2X energy window",
        "Sends EVMaximumV2XEnergyRequest and EVMinimumV2XEnergyRequest.",
        "[V2G20-2681]",
        needs=DYNAMIC & (DC_BPT | AC_BPT | MCS_BPT | ACDP_BPT),
    )
    DISPLAY_PARAMETERS = Item("display parameters", "Sends PresentSOC and the other display parameters.", _ISO20)

    EIM = Item("authorisation from outside", "Selects EIM.", _ISO20)
    PNC = Item("Plug and Charge", "Selects PnC and signs with its contract certificate.", _ISO20)
    CERTIFICATE_INSTALLATION = Item(
        "contract certificate installation", "Asks for a contract certificate.", _ISO20, needs=PNC
    )
    TLS = Item("TLS 1.3 with both certificates", "Presents its vehicle certificate over TLS 1.3.", "[V2G20-1264]")
    OCSP_CHECK = Item(
        "certificate status check", "Checks the revocation of the charger's chain.", "[V2G20-1240]", needs=TLS
    )
    ISO_15118_2 = Item("ISO 15118-2 beside", "Also offers ISO 15118-2:2014.", "ISO 15118-2:2014")
    DIN_70121 = Item("DIN SPEC 70121 beside", "Also offers DIN SPEC 70121.", "DIN SPEC 70121:2012")

    SDP = Item("SECC discovery", "Finds the charger by SDP.", _ISO20)
    SLAC = Item("SLAC", "Matches the charger over the control pilot's power line.", _ISO3)

    PAUSE = Item("pause and resume", "Pauses when asked and comes back with its session id.", "[V2G20-2613]")
    SERVICE_RENEGOTIATION = Item("service renegotiation", "Follows ServiceRenegotiation.", "[V2G20-1477]")
    SCHEDULE_RENEGOTIATION = Item("schedule renegotiation", "Follows ScheduleRenegotiation.", _ISO20)
    STANDBY = Item("standby", "Uses ChargeProgress Standby.", _ISO20)
    METERING_CONFIRMATION = Item("metering confirmation", "Signs meter values when asked.", "[V2G20-1083]", needs=PNC)
    WELDING_DETECTION = Item(
        "welding detection", "Runs DC_WeldingDetection after a stop.", _ISO20, needs=DC | DC_BPT | MCS | MCS_BPT
    )


class StationPics(Vocabulary, role="station"):
    """The charging station's side of OCPP."""

    OCPP_16 = Item("OCPP 1.6", "Speaks OCPP-J 1.6.", "OCPP 1.6 Edition 2")
    OCPP_201 = Item("OCPP 2.0.1", "Speaks OCPP-J 2.0.1.", "OCPP 2.0.1 Edition 3")
    OCPP_21 = Item("OCPP 2.1", "Speaks OCPP-J 2.1.", "OCPP 2.1 Edition 2")
    SECURITY_0 = Item("no security", "Connects without TLS and password; laboratory only.", _OCPP_SECURITY)
    SECURITY_1 = Item("password without TLS", "Security profile 1: HTTP Basic over ws.", _OCPP_SECURITY)
    SECURITY_2 = Item("password over TLS", "Security profile 2: HTTP Basic over wss.", _OCPP_SECURITY)
    SECURITY_3 = Item("client certificate", "Security profile 3: client certificate over wss.", _OCPP_SECURITY)
    COMPRESSION = Item("compression", "Negotiates permessage-deflate.", "OCPP 2.1 Edition 2, part 4")

    AC = Item("AC outlets", "Has AC connectors (HFS-3).", _OCPP)
    DC = Item("DC outlets", "Has DC connectors (HFS-4).", _OCPP)
    SEVERAL_EVSES = Item(
        "several EVSEs", "Has more than one EVSE (roles.station.evses); the bench meter is at EVSE 1.", _OCPP
    )
    AUTHORIZATION_CACHE = Item("authorisation cache", "Keeps AuthCacheCtrlr.", f"{_OCPP}, profile Core")
    LOCAL_LIST = Item(
        "local authorisation list", "Keeps a list sent by SendLocalList (LA-0).", f"{_OCPP}, profile Core"
    )
    OFFLINE_AUTHORIZATION = Item(
        "authorisation while offline", "Starts transactions without connection.", f"{_OCPP}, profile Core"
    )
    RESERVATION = Item("reservation", "Takes ReserveNow (R-0).", f"{_OCPP}, profile Core")
    REMOTE_START = Item("remote start and stop", "Takes RequestStartTransaction.", f"{_OCPP}, profile Core")
    UNLOCK = Item("remote unlock", "Takes UnlockConnector.", f"{_OCPP}, profile Core")
    EVSE_RESET = Item("reset of one EVSE", "Takes Reset for a single EVSE.", f"{_OCPP}, profile Core")
    MONITORING = Item("device monitoring", "Monitors variables and reports events (DM-0).", f"{_OCPP}, profile Core")
    FIRMWARE = Item("secure firmware update", "Takes UpdateFirmware with a signature.", f"{_OCPP}, profile Core")
    DIAGNOSTICS = Item("log upload", "Takes GetLog.", f"{_OCPP}, profile Core")
    DISPLAY = Item("display messages", "Takes SetDisplayMessage (UI-0).", f"{_OCPP}, profile Core")
    COST = Item("cost on display", "Shows CostUpdated and tariffs.", "OCPP 2.1, functional block I")
    CUSTOMER_INFORMATION = Item("customer information", "Takes CustomerInformation.", f"{_OCPP}, profile Core")
    DATA_TRANSFER = Item("data transfer", "Knows vendor messages.", "OCPP 2.1, functional block P")
    SIGNED_METER_VALUES = Item("signed meter values", "Signs its meter values.", "OCPP 2.1, functional block J")
    CERTIFICATE_UPDATE = Item(
        "certificate update", "Renews its own certificate by SignCertificate.", f"{_OCPP}, profile Advanced Security"
    )

    SMART_CHARGING = Item("smart charging", "Follows charging profiles.", _OCPP_SC)
    RATE_UNIT_A = Item("limits in A", "Takes chargingRateUnit A (SC-2).", _OCPP_SC, needs=SMART_CHARGING)
    RATE_UNIT_W = Item("limits in W", "Takes chargingRateUnit W (SC-2).", _OCPP_SC, needs=SMART_CHARGING)
    LIMIT_AT_SOC = Item("limit at a state of charge", "Takes limitAtSoC (SC-3).", _OCPP_SC, needs=SMART_CHARGING)
    LOCAL_TIME = Item("schedules in local time", "Takes useLocalTime (SC-5).", _OCPP_SC, needs=SMART_CHARGING)
    PRIORITY_CHARGING = Item("priority charging", "Takes UsePriorityCharging (SC-6).", _OCPP_SC, needs=SMART_CHARGING)
    RANDOMIZED_DELAY = Item("randomised delay", "Takes randomizedDelay (SC-7).", _OCPP_SC, needs=SMART_CHARGING)
    DYNAMIC_PROFILES = Item(
        "dynamic profiles", "Takes kind Dynamic and UpdateDynamicSchedule (SC-8).", _OCPP_SC, needs=SMART_CHARGING
    )
    MAX_OFFLINE_DURATION = Item("limited offline validity", "Takes maxOfflineDuration.", _OCPP_SC, needs=SMART_CHARGING)
    EVSE_SLEEP = Item(
        "sleeping EVSE", "Takes evseSleep with operation mode Idle (SC-9.1).", _OCPP_SC, needs=SMART_CHARGING
    )
    EMS_CONTROL = Item(
        "local energy management", "Lets a local system set limits (SC-10).", _OCPP_SC, needs=SMART_CHARGING
    )
    LOCAL_GENERATION = Item("local generation", "Takes purpose LocalGeneration.", _OCPP_SC, needs=SMART_CHARGING)
    PHASE_SWITCHING = Item(
        "phase switching", "Switches phases by profile (Phases3to1).", _OCPP_SC, needs=SMART_CHARGING & AC
    )

    V2X = Item(
        "bidirectional charging", "Discharges EVs under OCPP control.", _OCPP_V2X, needs=OCPP_21 & SMART_CHARGING
    )
    V2X_CENTRAL_SETPOINT = Item("central setpoint", "Operation mode CentralSetpoint.", _OCPP_V2X, needs=V2X)
    V2X_CENTRAL_FREQUENCY = Item(
        "central frequency control", "Operation mode CentralFrequency (BPT-1).", _OCPP_V2X, needs=V2X
    )
    V2X_LOCAL_FREQUENCY = Item(
        "local frequency control", "Operation mode LocalFrequency (BPT-1).", _OCPP_V2X, needs=V2X
    )
    V2X_AFRR = Item("aFRR signal", "Takes AFRRSignal.", _OCPP_V2X, needs=V2X_LOCAL_FREQUENCY)
    V2X_EXTERNAL_SETPOINT = Item(
        "setpoint from a local system", "Operation mode ExternalSetpoint.", _OCPP_V2X, needs=V2X
    )
    V2X_EXTERNAL_LIMITS = Item("limits from a local system", "Operation mode ExternalLimits.", _OCPP_V2X, needs=V2X)
    V2X_LOCAL_LOAD_BALANCING = Item(
        "local load balancing", "Operation mode LocalLoadBalancing (BPT-2).", _OCPP_V2X, needs=V2X
    )
    V2X_IDLE = Item("idle", "Operation mode Idle (SC-9).", _OCPP_V2X, needs=SMART_CHARGING)
    V2X_REACTIVE_SETPOINT = Item("reactive setpoint", "Takes setpointReactive.", _OCPP_V2X, needs=V2X_CENTRAL_SETPOINT)

    DER_DC = Item(
        "grid functions, DC-coupled",
        "Runs DER controls in its own inverter (DCDERCtrlr).",
        _OCPP_DER,
        needs=OCPP_21 & DC,
    )
    DER_AC = Item(
        "grid functions, AC-coupled", "Passes DER controls on to the EV (ACDERCtrlr).", _OCPP_DER, needs=OCPP_21 & AC
    )
    DER_ENTER_SERVICE = Item("enter service", "Control type EnterService.", _OCPP_DER, needs=DER_DC | DER_AC)
    DER_GRADIENTS = Item("ramp rates", "Control type Gradients.", _OCPP_DER, needs=DER_DC | DER_AC)
    DER_FREQ_DROOP = Item("frequency droop", "Control type FreqDroop.", _OCPP_DER, needs=DER_DC | DER_AC)
    DER_FREQ_WATT = Item("frequency-watt", "Control type FreqWatt.", _OCPP_DER, needs=DER_DC | DER_AC)
    DER_FREQUENCY_TRIP = Item(
        "frequency trip", "Control types HFMustTrip, LFMustTrip, HFMayTrip.", _OCPP_DER, needs=DER_DC | DER_AC
    )
    DER_VOLTAGE_TRIP = Item(
        "voltage trip",
        "Control types HVMustTrip, LVMustTrip, HVMayTrip, LVMayTrip, HVMomCess, LVMomCess.",
        _OCPP_DER,
        needs=DER_DC | DER_AC,
    )
    DER_VOLT_VAR = Item("volt-var", "Control type VoltVar.", _OCPP_DER, needs=DER_DC | DER_AC)
    DER_VOLT_WATT = Item("volt-watt", "Control type VoltWatt.", _OCPP_DER, needs=DER_DC | DER_AC)
    DER_WATT_VAR = Item("watt-var", "Control type WattVar.", _OCPP_DER, needs=DER_DC | DER_AC)
    DER_WATT_PF = Item("watt-power factor", "Control type WattPF.", _OCPP_DER, needs=DER_DC | DER_AC)
    DER_FIXED_PF = Item(
        "fixed power factor", "Control types FixedPFAbsorb and FixedPFInject.", _OCPP_DER, needs=DER_DC | DER_AC
    )
    DER_FIXED_VAR = Item("fixed reactive power", "Control type FixedVar.", _OCPP_DER, needs=DER_DC | DER_AC)
    DER_LIMIT_MAX_DISCHARGE = Item(
        "discharge limit", "Control type LimitMaxDischarge.", _OCPP_DER, needs=DER_DC | DER_AC
    )
    DER_POWER_MONITORING = Item(
        "power monitoring trip", "Control type PowerMonitoringMustTrip.", _OCPP_DER, needs=DER_DC | DER_AC
    )

    ISO_15118_2 = Item("ISO 15118-2", "Charges EVs over ISO 15118-2 (ISO-1.1).", _OCPP_ISO)
    ISO_15118_20 = Item("ISO 15118-20", "Charges EVs over ISO 15118-20 (ISO-1.2).", _OCPP_ISO)
    PNC = Item(
        "Plug and Charge",
        "Relays contract authorisation and certificates.",
        _OCPP_ISO,
        needs=ISO_15118_2 | ISO_15118_20,
    )
    CENTRAL_CONTRACT_VALIDATION = Item(
        "central contract validation", "Leaves the contract chain to the CSMS (ISO-5).", _OCPP_ISO, needs=PNC
    )
    SERVICE_RENEGOTIATION = Item(
        "service renegotiation", "Renegotiates the service of an EV (ISO-6).", _OCPP_ISO, needs=ISO_15118_20
    )


class CsmsPics(Vocabulary, role="csms"):
    """The central system's side of OCPP."""

    OCPP_16 = Item("OCPP 1.6", "Serves OCPP-J 1.6.", "OCPP 1.6 Edition 2")
    OCPP_201 = Item("OCPP 2.0.1", "Serves OCPP-J 2.0.1.", "OCPP 2.0.1 Edition 3")
    OCPP_21 = Item("OCPP 2.1", "Serves OCPP-J 2.1.", "OCPP 2.1 Edition 2")
    SECURITY_0 = Item("no security", "Accepts stations without TLS and password; laboratory only.", _OCPP_SECURITY)
    SECURITY_1 = Item("password without TLS", "Security profile 1.", _OCPP_SECURITY)
    SECURITY_2 = Item("password over TLS", "Security profile 2.", _OCPP_SECURITY)
    SECURITY_3 = Item("client certificate", "Security profile 3.", _OCPP_SECURITY)
    COMPRESSION = Item("compression", "Negotiates permessage-deflate.", "OCPP 2.1 Edition 2, part 4")

    LOCAL_LIST = Item("local authorisation list", "Sends SendLocalList.", f"{_OCPP}, profile Core")
    RESERVATION = Item("reservation", "Sends ReserveNow.", f"{_OCPP}, profile Core")
    REMOTE_START = Item("remote start and stop", "Sends RequestStartTransaction.", f"{_OCPP}, profile Core")
    UNLOCK = Item("remote unlock", "Sends UnlockConnector.", f"{_OCPP}, profile Core")
    MONITORING = Item("device monitoring", "Sets monitors and takes events.", f"{_OCPP}, profile Core")
    FIRMWARE = Item("secure firmware update", "Sends UpdateFirmware.", f"{_OCPP}, profile Core")
    FIRMWARE_PUBLICATION = Item(
        "firmware publication",
        "Sends PublishFirmware to local controllers.",
        f"{_OCPP}, use cases L03 and L04",
        needs=FIRMWARE,
    )
    TARIFFS = Item("tariffs", "Sends SetDefaultTariff.", "OCPP 2.1, functional block I", needs=OCPP_21)
    DIAGNOSTICS = Item("log upload", "Sends GetLog.", f"{_OCPP}, profile Core")
    DISPLAY = Item("display messages", "Sends SetDisplayMessage.", f"{_OCPP}, profile Core")
    COST = Item("cost", "Sends tariffs and CostUpdated.", "OCPP 2.1, functional block I")
    CUSTOMER_INFORMATION = Item("customer information", "Sends CustomerInformation.", f"{_OCPP}, profile Core")
    CERTIFICATE_UPDATE = Item(
        "certificate update", "Signs station certificates.", f"{_OCPP}, profile Advanced Security"
    )

    SMART_CHARGING = Item("smart charging", "Sends charging profiles.", _OCPP_SC)
    PRIORITY_CHARGING = Item("priority charging", "Sends UsePriorityCharging.", _OCPP_SC, needs=SMART_CHARGING)
    DYNAMIC_PROFILES = Item("dynamic profiles", "Pushes or answers dynamic schedules.", _OCPP_SC, needs=SMART_CHARGING)
    EMS_CONTROL = Item("limits of local systems", "Takes NotifyChargingLimit.", _OCPP_SC, needs=SMART_CHARGING)
    V2X = Item("bidirectional charging", "Steers discharging.", _OCPP_V2X, needs=OCPP_21 & SMART_CHARGING)
    V2X_CENTRAL_SETPOINT = Item("central setpoint", "Sends CentralSetpoint.", _OCPP_V2X, needs=V2X)
    V2X_CENTRAL_FREQUENCY = Item("central frequency control", "Sends CentralFrequency.", _OCPP_V2X, needs=V2X)
    V2X_LOCAL_FREQUENCY = Item("local frequency control", "Sends LocalFrequency with its curve.", _OCPP_V2X, needs=V2X)
    V2X_AFRR = Item("aFRR signal", "Sends AFRRSignal.", _OCPP_V2X, needs=V2X_LOCAL_FREQUENCY)
    V2X_LOCAL_LOAD_BALANCING = Item("local load balancing", "Sends LocalLoadBalancing.", _OCPP_V2X, needs=V2X)
    DER_CONTROL = Item("grid functions", "Sets, reads and clears DER controls.", _OCPP_DER, needs=OCPP_21)

    ISO_15118 = Item(
        "ISO 15118 schedules", "Answers NotifyEVChargingNeeds with a profile.", _OCPP_ISO, needs=SMART_CHARGING
    )
    PNC = Item("Plug and Charge", "Checks contracts and relays certificates.", _OCPP_ISO)
    CENTRAL_CONTRACT_VALIDATION = Item(
        "central contract validation", "Validates contract chains itself.", _OCPP_ISO, needs=PNC
    )


class AggregatorPics(Vocabulary, role="aggregator"):
    """The aggregator's side of OpenADR: it takes events from the operator and passes them down to stations."""

    OPENADR_20B = Item("OpenADR 2.0b", "VEN of OpenADR 2.0b.", "OpenADR 2.0b")
    OPENADR_30 = Item("OpenADR 3.0", "VEN of OpenADR 3.0.", _ADR3)
    OPENADR_31 = Item("OpenADR 3.1", "VEN of OpenADR 3.1.", _ADR3)
    PUSH = Item("notifications", "Takes events by webhook or MQTT instead of polling.", _ADR3)
    SIMPLE = Item("levels", "Follows payload SIMPLE.", _ADR3)
    PRICE = Item("prices", "Follows payloads PRICE and EXPORT_PRICE.", _ADR3)
    CONTROL_SETPOINT = Item("signed setpoints", "Follows payload CONTROL_SETPOINT, negative for export.", _ADR3)
    DISPATCH_SETPOINT = Item("consumption setpoints", "Follows payload DISPATCH_SETPOINT (never negative).", _ADR3)
    CAPACITY_LIMIT = Item("capacity limits", "Keeps import and export capacity limits.", _ADR3)
    CHARGE_STATE = Item("charge state", "Follows payload CHARGE_STATE_SETPOINT.", _ADR3)
    ALERTS = Item("grid alerts", "Reacts to ALERT payloads.", _ADR3)
    CURVES = Item("grid curves", "Passes CURVE payloads down.", _ADR3)
    RANDOMIZE = Item("random start", "Follows randomizeStart.", _ADR3)
    REPORTS = Item("reports", "Sends the reports an event asks for.", _ADR3)
    OPT_OUT = Item("opt-out", "Lets its customers leave an event and reports it.", _ADR3)


SECC = SeccPics()
EVCC = EvccPics()
STATION = StationPics()
CSMS = CsmsPics()
AGGREGATOR = AggregatorPics()

VOCABULARIES: dict[str, Vocabulary] = {each.role: each for each in (SECC, EVCC, STATION, CSMS, AGGREGATOR)}

ENERGY: dict[str, Expression] = {
    "secc": SECC.DC
    | SECC.DC_BPT
    | SECC.AC
    | SECC.AC_BPT
    | SECC.WPT
    | SECC.ACDP
    | SECC.ACDP_BPT
    | SECC.MCS
    | SECC.MCS_BPT
    | SECC.AC_DER_IEC
    | SECC.AC_DER_SAE,
    "evcc": EVCC.DC
    | EVCC.DC_BPT
    | EVCC.AC
    | EVCC.AC_BPT
    | EVCC.WPT
    | EVCC.ACDP
    | EVCC.ACDP_BPT
    | EVCC.MCS
    | EVCC.MCS_BPT
    | EVCC.AC_DER_IEC
    | EVCC.AC_DER_SAE,
}
"""What a role must claim at least one of, or no case could ever apply."""


def item(name: str) -> Item | None:
    """The item called ``SECC.DC_BPT``, or None."""
    role, _, short = name.partition(".")
    vocabulary = VOCABULARIES.get(role.lower())
    return vocabulary.find(short) if vocabulary else None


def all_names() -> tuple[str, ...]:
    """Every item of every role, with its role."""
    return tuple(each.name for vocabulary in VOCABULARIES.values() for each in vocabulary)
