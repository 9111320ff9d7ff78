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
FILE(roles) = {
#embed "../catalogue/roles.yaml"
};
FILE(decision) = {
#embed "../catalogue/procedures/decision.yaml"
};
FILE(penalty) = {
#embed "../catalogue/procedures/penalty.yaml"
};
FILE(report) = {
#embed "../catalogue/procedures/report.yaml"
};
FILE(calendar) = {
#embed "../calendar/cn.json"
};
FILE(sample) = {
#embed "../samples/sample.ndjson"
};

static const struct LedgerFile files[] = {
    {"catalogue/catalogue.yaml", catalogue, sizeof catalogue},
    {"catalogue/common.yaml", common, sizeof common},
    {"catalogue/enumerations.yaml", enumerations, sizeof enumerations},
    {"catalogue/laws.yaml", laws, sizeof laws},
    {"catalogue/plan.yaml", plan, sizeof plan},
    {"catalogue/roles.yaml", roles, sizeof roles},
    {"catalogue/procedures/decision.yaml", decision, sizeof decision},
    {"catalogue/procedures/penalty.yaml", penalty, sizeof penalty},
    {"catalogue/procedures/report.yaml", report, sizeof report},
    {"calendar/cn.json", calendar, sizeof calendar},
    {"samples/sample.ndjson", sample, sizeof sample},
};

const struct LedgerFile *const ledgerFiles = files;
const size_t ledgerFileCount = sizeof files / sizeof files[0];
