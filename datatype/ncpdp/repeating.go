package ncpdp

// The fields that repeat: they stay inside of an open element whose name ends in
// Count, and any other field closes it.

// repeatingInBoth repeat in version 5.1 and in D.0.
var repeatingInBoth = []string{
	"ProcedureModifierCode",
	"OtherPayerCoverageType",
	"OtherPayerIdQualifier",
	"OtherPayerId",
	"OtherPayerDate",
	"OtherPayerAmountPaidQualifier",
	"OtherPayerAmountPaid",
	"OtherPayerRejectCode",
	"OtherAmountClaimedSubmittedQualifier",
	"OtherAmountClaimedSubmitted",
	"CompoundProductIdQualifier",
	"CompoundProductId",
	"CompoundIngredientQuantity",
	"CompoundIngredientDrugCost",
	"CompoundIngredientBasisOfCostDetermination",
	"DiagnosisCodeQualifier",
	"DiagnosisCode",
	"RejectCode",
	"RejectFieldOccurrenceIndicator",
	"ApprovedMessageCode",
	"PreferredProductIdQualifier",
	"PreferredProductId",
	"PreferredProductIncentive",
	"PreferredProductCopayIncentive",
	"PreferredProductDescription",
	"OtherAmountPaidQualifier",
	"OtherAmountPaid",
}

// repeatingInD0 repeat in D.0 only.
var repeatingInD0 = []string{
	"SubmissionClarificationCode",
	"BenefitStageAmount",
	"BenefitStageQualifier",
	"OtherPayerPatientRespAmount",
	"OtherPayerPatientRespAmountPaidQualifier",
	"InternalControlNumber",
	"OtherPayerAmountPaidCount",
	"CompoundIngredientModifierCode",
	"QuestionNumberLetter",
	"QuestionPercentResponse",
	"QuestionDateResponse",
	"QuestionDollarAmountResponse",
	"QuestionNumericResponse",
	"QuestionAlphaNumericResponse",
	"AdditionalMessageInformation",
	"AdditionalMessageInformationContinuity",
	"AdditionalMessageInformationQualifier",
	"OtherPayerProcessorControlNumber",
	"OtherPayerCardholderId",
	"OtherPayerGroupId",
	"OtherPayerPersonCode",
	"OtherPayerHelpDeskPhone",
	"OtherPayerPatientRelationshipCode",
	"OtherPayerBenefitEffectiveDate",
	"OtherPayerBenefitTerminationDate",
}
