package ncpdp

// transactionNames are the transaction codes of the header.
var transactionNames = []entry{
	{"E1", "EligibilityVerification"},
	{"B1", "Billing"},
	{"B2", "Reversal"},
	{"B3", "Rebill"},
	{"P1", "PARequestBilling"},
	{"P2", "PAReversal"},
	{"P3", "PAInquiry"},
	{"P4", "PARequestOnly"},
	{"N1", "InformationReporting"},
	{"N2", "InformationReportingReversal"},
	{"N3", "InformationReportingRebill"},
	{"C1", "ControlledSubstanceReporting"},
	{"C2", "ControlledSubstanceReportingReversal"},
	{"C3", "ControlledSubstanceReportingRebill"},
}

// segmentsOfBoth are in version 5.1 and in D.0.
var segmentsOfBoth = []entry{
	{"AM01", "Patient"},
	{"AM02", "PharmacyProvider"},
	{"AM03", "Prescriber"},
	{"AM04", "Insurance"},
	{"AM05", "CoordinationOfBenefitsOtherPayments"},
	{"AM06", "WorkersCompensation"},
	{"AM07", "Claim"},
	{"AM08", "DURPPS"},
	{"AM09", "Coupon"},
	{"AM10", "Compound"},
	{"AM11", "Pricing"},
	{"AM12", "PriorAuthorization"},
	{"AM13", "Clinical"},
	{"AM20", "ResponseMessage"},
	{"AM21", "ResponseStatus"},
	{"AM22", "ResponseClaim"},
	{"AM23", "ResponsePricing"},
	{"AM24", "ResponseDURPPS"},
	{"AM25", "ResponseInsurance"},
	{"AM26", "ResponsePriorAuthorization"},
}

// segmentsOfD0 are in D.0 only.
var segmentsOfD0 = []entry{
	{"AM14", "AdditionalDocumentation"},
	{"AM15", "Facility"},
	{"AM16", "Narrative"},
}
