// The files of Ledger/ are embedded here and not as Swift arrays, which take the compiler a second
// for every 10 kB. The compiler records them as dependencies, so that an edit is built in.
#pragma clang diagnostic ignored "-Wc23-extensions"

#include "ledger_files.h"

#define FILE(name) static const unsigned char name[]

FILE(catalogue) = {
#embed "../catalogue/catalogue.yaml"
};
FILE(common) = {
#embed "../catalogue/common.yaml"
};
FILE(enumerations) = {
#embed "../catalogue/enumerations.yaml"
};
FILE(laws) = {
#embed "../catalogue/laws.yaml"
};
FILE(plan) = {
#embed "../catalogue/plan.yaml"
};
FILE(registers) = {
#embed "../catalogue/registers.yaml"
};
FILE(indicators) = {
#embed "../catalogue/indicators.yaml"
};
FILE(roles) = {
#embed "../catalogue/roles.yaml"
};
FILE(accident) = {
#embed "../catalogue/procedures/accident.yaml"
};
FILE(accountability) = {
#embed "../catalogue/procedures/accountability.yaml"
};
FILE(annualReport) = {
#embed "../catalogue/procedures/annual-report.yaml"
};
FILE(archiveTransfer) = {
#embed "../catalogue/procedures/archive-transfer.yaml"
};
FILE(assessment) = {
#embed "../catalogue/procedures/assessment.yaml"
};
FILE(baseData) = {
#embed "../catalogue/procedures/base-data.yaml"
};
FILE(campaign) = {
#embed "../catalogue/procedures/campaign.yaml"
};
FILE(caseLesson) = {
#embed "../catalogue/procedures/case-lesson.yaml"
};
FILE(caseReview) = {
#embed "../catalogue/procedures/case-review.yaml"
};
FILE(clueTransfer) = {
#embed "../catalogue/procedures/clue-transfer.yaml"
};
FILE(coercion) = {
#embed "../catalogue/procedures/coercion.yaml"
};
FILE(consultation) = {
#embed "../catalogue/procedures/consultation.yaml"
};
FILE(contract) = {
#embed "../catalogue/procedures/contract.yaml"
};
FILE(contractAudit) = {
#embed "../catalogue/procedures/contract-audit.yaml"
};
FILE(credit) = {
#embed "../catalogue/procedures/credit.yaml"
};
FILE(criminalReferral) = {
#embed "../catalogue/procedures/criminal-referral.yaml"
};
FILE(decision) = {
#embed "../catalogue/procedures/decision.yaml"
};
FILE(decisionCatalogue) = {
#embed "../catalogue/procedures/decision-catalogue.yaml"
};
FILE(disclosure) = {
#embed "../catalogue/procedures/disclosure.yaml"
};
FILE(discretion) = {
#embed "../catalogue/procedures/discretion.yaml"
};
FILE(enforcementStats) = {
#embed "../catalogue/procedures/enforcement-stats.yaml"
};
FILE(enforcementSupervision) = {
#embed "../catalogue/procedures/enforcement-supervision.yaml"
};
FILE(exam) = {
#embed "../catalogue/procedures/exam.yaml"
};
FILE(exposure) = {
#embed "../catalogue/procedures/exposure.yaml"
};
FILE(foi) = {
#embed "../catalogue/procedures/foi.yaml"
};
FILE(hazard) = {
#embed "../catalogue/procedures/hazard.yaml"
};
FILE(inspection) = {
#embed "../catalogue/procedures/inspection.yaml"
};
FILE(inspectionPlan) = {
#embed "../catalogue/procedures/inspection-plan.yaml"
};
FILE(invitedSupervisor) = {
#embed "../catalogue/procedures/invited-supervisor.yaml"
};
FILE(jointEnforcement) = {
#embed "../catalogue/procedures/joint-enforcement.yaml"
};
FILE(jurisdiction) = {
#embed "../catalogue/procedures/jurisdiction.yaml"
};
FILE(leadership) = {
#embed "../catalogue/procedures/leadership.yaml"
};
FILE(ledgerAudit) = {
#embed "../catalogue/procedures/ledger-audit.yaml"
};
FILE(legalStaff) = {
#embed "../catalogue/procedures/legal-staff.yaml"
};
FILE(legislation) = {
#embed "../catalogue/procedures/legislation.yaml"
};
FILE(litigation) = {
#embed "../catalogue/procedures/litigation.yaml"
};
FILE(normdoc) = {
#embed "../catalogue/procedures/normdoc.yaml"
};
FILE(normdocCleanup) = {
#embed "../catalogue/procedures/normdoc-cleanup.yaml"
};
FILE(oath) = {
#embed "../catalogue/procedures/oath.yaml"
};
FILE(officer) = {
#embed "../catalogue/procedures/officer.yaml"
};
FILE(ogiReport) = {
#embed "../catalogue/procedures/ogi-report.yaml"
};
FILE(organisation) = {
#embed "../catalogue/procedures/organisation.yaml"
};
FILE(penalty) = {
#embed "../catalogue/procedures/penalty.yaml"
};
FILE(permit) = {
#embed "../catalogue/procedures/permit.yaml"
};
FILE(person) = {
#embed "../catalogue/procedures/person.yaml"
};
FILE(popularisation) = {
#embed "../catalogue/procedures/popularisation.yaml"
};
FILE(powerList) = {
#embed "../catalogue/procedures/power-list.yaml"
};
FILE(publicity) = {
#embed "../catalogue/procedures/publicity.yaml"
};
FILE(reconsideration) = {
#embed "../catalogue/procedures/reconsideration.yaml"
};
FILE(remoteMonitor) = {
#embed "../catalogue/procedures/remote-monitor.yaml"
};
FILE(report) = {
#embed "../catalogue/procedures/report.yaml"
};
FILE(resourcing) = {
#embed "../catalogue/procedures/resourcing.yaml"
};
FILE(reviewList) = {
#embed "../catalogue/procedures/review-list.yaml"
};
FILE(reward) = {
#embed "../catalogue/procedures/reward.yaml"
};
FILE(serviceItem) = {
#embed "../catalogue/procedures/service-item.yaml"
};
FILE(staffReport) = {
#embed "../catalogue/procedures/staff-report.yaml"
};
FILE(staffing) = {
#embed "../catalogue/procedures/staffing.yaml"
};
FILE(study) = {
#embed "../catalogue/procedures/study.yaml"
};
FILE(supervisionVisit) = {
#embed "../catalogue/procedures/supervision-visit.yaml"
};
FILE(vault) = {
#embed "../catalogue/procedures/vault.yaml"
};
FILE(compiled) = {
#embed "../compiled/catalogue.json"
};
FILE(calendar) = {
#embed "../calendar/cn.json"
};
FILE(sample) = {
#embed "../samples/sample.ndjson"
};
FILE(openapi) = {
#embed "../../Specs/openapi.yaml"
};
FILE(verify) = {
#embed "../../Specs/verify.py"
};

static const struct LedgerFile files[] = {
    {"catalogue/catalogue.yaml", catalogue, sizeof catalogue},
    {"catalogue/common.yaml", common, sizeof common},
    {"catalogue/enumerations.yaml", enumerations, sizeof enumerations},
    {"catalogue/laws.yaml", laws, sizeof laws},
    {"catalogue/plan.yaml", plan, sizeof plan},
    {"catalogue/registers.yaml", registers, sizeof registers},
    {"catalogue/indicators.yaml", indicators, sizeof indicators},
    {"catalogue/roles.yaml", roles, sizeof roles},
    {"catalogue/procedures/accident.yaml", accident, sizeof accident},
    {"catalogue/procedures/accountability.yaml", accountability, sizeof accountability},
    {"catalogue/procedures/annual-report.yaml", annualReport, sizeof annualReport},
    {"catalogue/procedures/archive-transfer.yaml", archiveTransfer, sizeof archiveTransfer},
    {"catalogue/procedures/assessment.yaml", assessment, sizeof assessment},
    {"catalogue/procedures/base-data.yaml", baseData, sizeof baseData},
    {"catalogue/procedures/campaign.yaml", campaign, sizeof campaign},
    {"catalogue/procedures/case-lesson.yaml", caseLesson, sizeof caseLesson},
    {"catalogue/procedures/case-review.yaml", caseReview, sizeof caseReview},
    {"catalogue/procedures/clue-transfer.yaml", clueTransfer, sizeof clueTransfer},
    {"catalogue/procedures/coercion.yaml", coercion, sizeof coercion},
    {"catalogue/procedures/consultation.yaml", consultation, sizeof consultation},
    {"catalogue/procedures/contract.yaml", contract, sizeof contract},
    {"catalogue/procedures/contract-audit.yaml", contractAudit, sizeof contractAudit},
    {"catalogue/procedures/credit.yaml", credit, sizeof credit},
    {"catalogue/procedures/criminal-referral.yaml", criminalReferral, sizeof criminalReferral},
    {"catalogue/procedures/decision.yaml", decision, sizeof decision},
    {"catalogue/procedures/decision-catalogue.yaml", decisionCatalogue, sizeof decisionCatalogue},
    {"catalogue/procedures/disclosure.yaml", disclosure, sizeof disclosure},
    {"catalogue/procedures/discretion.yaml", discretion, sizeof discretion},
    {"catalogue/procedures/enforcement-stats.yaml", enforcementStats, sizeof enforcementStats},
    {"catalogue/procedures/enforcement-supervision.yaml", enforcementSupervision,
     sizeof enforcementSupervision},
    {"catalogue/procedures/exam.yaml", exam, sizeof exam},
    {"catalogue/procedures/exposure.yaml", exposure, sizeof exposure},
    {"catalogue/procedures/foi.yaml", foi, sizeof foi},
    {"catalogue/procedures/hazard.yaml", hazard, sizeof hazard},
    {"catalogue/procedures/inspection.yaml", inspection, sizeof inspection},
    {"catalogue/procedures/inspection-plan.yaml", inspectionPlan, sizeof inspectionPlan},
    {"catalogue/procedures/invited-supervisor.yaml", invitedSupervisor, sizeof invitedSupervisor},
    {"catalogue/procedures/joint-enforcement.yaml", jointEnforcement, sizeof jointEnforcement},
    {"catalogue/procedures/jurisdiction.yaml", jurisdiction, sizeof jurisdiction},
    {"catalogue/procedures/leadership.yaml", leadership, sizeof leadership},
    {"catalogue/procedures/ledger-audit.yaml", ledgerAudit, sizeof ledgerAudit},
    {"catalogue/procedures/legal-staff.yaml", legalStaff, sizeof legalStaff},
    {"catalogue/procedures/legislation.yaml", legislation, sizeof legislation},
    {"catalogue/procedures/litigation.yaml", litigation, sizeof litigation},
    {"catalogue/procedures/normdoc.yaml", normdoc, sizeof normdoc},
    {"catalogue/procedures/normdoc-cleanup.yaml", normdocCleanup, sizeof normdocCleanup},
    {"catalogue/procedures/oath.yaml", oath, sizeof oath},
    {"catalogue/procedures/officer.yaml", officer, sizeof officer},
    {"catalogue/procedures/ogi-report.yaml", ogiReport, sizeof ogiReport},
    {"catalogue/procedures/organisation.yaml", organisation, sizeof organisation},
    {"catalogue/procedures/penalty.yaml", penalty, sizeof penalty},
    {"catalogue/procedures/permit.yaml", permit, sizeof permit},
    {"catalogue/procedures/person.yaml", person, sizeof person},
    {"catalogue/procedures/popularisation.yaml", popularisation, sizeof popularisation},
    {"catalogue/procedures/power-list.yaml", powerList, sizeof powerList},
    {"catalogue/procedures/publicity.yaml", publicity, sizeof publicity},
    {"catalogue/procedures/reconsideration.yaml", reconsideration, sizeof reconsideration},
    {"catalogue/procedures/remote-monitor.yaml", remoteMonitor, sizeof remoteMonitor},
    {"catalogue/procedures/report.yaml", report, sizeof report},
    {"catalogue/procedures/resourcing.yaml", resourcing, sizeof resourcing},
    {"catalogue/procedures/review-list.yaml", reviewList, sizeof reviewList},
    {"catalogue/procedures/reward.yaml", reward, sizeof reward},
    {"catalogue/procedures/service-item.yaml", serviceItem, sizeof serviceItem},
    {"catalogue/procedures/staff-report.yaml", staffReport, sizeof staffReport},
    {"catalogue/procedures/staffing.yaml", staffing, sizeof staffing},
    {"catalogue/procedures/study.yaml", study, sizeof study},
    {"catalogue/procedures/supervision-visit.yaml", supervisionVisit, sizeof supervisionVisit},
    {"catalogue/procedures/vault.yaml", vault, sizeof vault},
    {"compiled/catalogue.json", compiled, sizeof compiled},
    {"calendar/cn.json", calendar, sizeof calendar},
    {"samples/sample.ndjson", sample, sizeof sample},
    {"openapi.yaml", openapi, sizeof openapi},
    {"verify.py", verify, sizeof verify},
};

const struct LedgerFile *const ledgerFiles = files;
const size_t ledgerFileCount = sizeof files / sizeof files[0];
