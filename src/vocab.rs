//! The terms that the graph uses: one list per namespace, checked against `ontology/`.

macro_rules! terms {
    ($($(#[$doc:meta])* $module:ident $base:literal { $($name:ident $local:literal)* })*) => {
        $(
            $(#[$doc])*
            pub mod $module {
                use oxigraph::model::NamedNodeRef;

                pub const BASE: &str = $base;
                $(pub const $name: NamedNodeRef<'static> = NamedNodeRef::new_unchecked(concat!($base, $local));)*
                /// Every term of the list.
                pub const ALL: &[NamedNodeRef<'static>] = &[$($name),*];
            }
        )*
    };
}

terms! {
    stm "https://w3id.org/stemma/ns#" {
        DOCUMENT "Document" PAGE_CLASS "Page" PAGE_VERSION "PageVersion" VALIDITY "Validity" COMMIT "Commit" SEGMENT "Segment"
        LINK "Link" WEB_ADDRESS "WebAddress" MENTION "Mention" PRODUCT_CLASS "Product" NAME_CLASS "Name"
        PRODUCT_CODE "ProductCode" PRODUCT_CHANGE "ProductChange" RENAME "Rename" CHANGE_EVIDENCE "ChangeEvidence" SIGNAL "signal" SCORE "score" MERGE "Merge" SPLIT "Split"
        REPLACEMENT "Replacement" ACQUISITION "Acquisition" SOURCE "Source" PLACE "Place" GEO "Geo"
        LOCATION_RULE "LocationRule" CLAIM_CLASS "Claim" READING "Reading" FINDING "Finding"
        INPUT_FILE "InputFile" COMPILE "Compile" INPUT "Input"

        DOCUMENT_OF "document" PAGE "page" CURRENT_VERSION "currentVersion" SOURCE_PAGE "sourcePage" PATH "path"
        MOVE "Move" MOVED_FROM "movedFrom" MOVED_TO "movedTo"
        URL "url" CONTENT_HASH "contentHash" HASH_VARIANT "hashVariant" BYTES "bytes" GIT_COMMIT "gitCommit"
        AVAILABLE "available" FILE "file" OTHER_FILE "otherFile" VALID_FROM "validFrom" VALID_UNTIL "validUntil" OF_VERSION "ofVersion"
        BEGAN_WITH "beganWith" ENDED_WITH "endedWith" FIRST_SEEN_IN "firstSeenIn" COMMITTED "committed"
        BILINGUAL_EDITION_OF "bilingualEditionOf" CONFIGURATION "configuration"

        TRANSLATED_FROM "translatedFrom" LINEAGE "lineage" TRANSLATION_METHOD "translationMethod"
        HANDOFF_DATE "handoffDate" TRANSLATION_STATE "translationState" STALE_SINCE "staleSince" VERSIONS_BEHIND "versionsBehind"
        HASH_AND_COMMIT "HashAndCommit" HASH_ONLY "HashOnly" DECLARED "Declared" CONTRADICTED "Contradicted"
        MACHINE_TRANSLATION "MachineTranslation" HUMAN_TRANSLATION "HumanTranslation"
        UP_TO_DATE "UpToDate" STALE "Stale" ORPHANED "Orphaned" UNKNOWN "Unknown"

        NAME "name" NAME_STATUS "nameStatus" ERA "era" FIRST_SEEN "firstSeen" LAST_SEEN "lastSeen"
        OFFICIAL "Official" FORMER "Former" ABBREVIATION "Abbreviation" LOCALISED "Localised"
        MISTRANSLATION "Mistranslation" PRODUCT_KIND "productKind" PRODUCT_STATUS "productStatus" PART_OF "partOf"
        CONFIDENCE "confidence" CODE_KEY "codeKey" DENOTES "denotes" BEFORE "before" AFTER "after"
        EARLIEST "earliest" LATEST "latest" DATE "date" DATE_PRECISION "datePrecision" BASIS "basis" OBSERVED "Observed" CURATED "Curated"
        REPOSITORY "repository" NOTE "note"

        STATES "states" SOURCE_STATES "sourceStates" PRODUCT "product" RELATION "relation" MODALITY "modality"
        NEGATED "negated" AT_REST "atRest" INFRASTRUCTURE "infrastructure" WITHIN "within" CLAIMS_READ "claimsRead"
        ASSERTED "Asserted" POSSIBLE "Possible" PLANNED "Planned" OPERATE "Operate" BACK_UP "BackUp"
        CUSTOMER_DATA "CustomerData" CONTENT "Content" IDENTITY_DATA "IdentityData" METADATA "Metadata" LOGS "Logs"
        DIAGNOSTIC_DATA "DiagnosticData" SUPPORT_DATA "SupportData" KEYS "Keys" SERVICE_DATA "ServiceData"
        AGGREGATED_DATA "AggregatedData" UNCLEAR_FORM "UnclearForm"
        TENANT_GEO "TenantGeo" CUSTOMER_CHOICE "CustomerChoice" OTHER_SERVICE "OtherService"
        SIGNUP_COUNTRY "SignupCountry" NEAREST_DATACENTER "NearestDatacenter"
        USER_PREFERRED_LOCATION "UserPreferredLocation" SAME_REGION "SameRegion" IN_COUNTRY "InCountry"
        PROVIDER_FACILITIES "ProviderFacilities" UNRESTRICTED "Unrestricted" UNRESOLVABLE "Unresolvable"
        BETWEEN_SERVICES "BetweenServices"
        PRODUCT_AS_WRITTEN "productAsWritten" LEAD "lead" LEAD_START "leadStart" LEAD_END "leadEnd"
        CONDITION "condition" GIVEN_PLACE "givenPlace" RULE_OF "ruleOf" RETENTION "retention" READ_BY "readBy" OF_SOURCE_SIDE "ofSourceSide"

        IN_VERSION "inVersion" IN_SEGMENT "inSegment" IN_FILE "inFile" ORDER "order" KIND "kind" LINE "line"
        BYTE_START "byteStart" BYTE_END "byteEnd" TEXT "text" SOURCE_TEXT "sourceText" UNIT "unit" ANCHOR "anchor"
        APPLIES_TO "appliesTo"
        ALIGNED_WITH "alignedWith" ALIGNED_BY "alignedBy" ALIGNMENT_COVERAGE "alignmentCoverage"
        RECOVERED_FROM "recoveredFrom" ALIGNMENT_RULE "AlignmentRule" BY_UNIT "ByUnit" BY_ANCHOR "ByAnchor"
        BY_CONTENT "ByContent" BY_STRUCTURE "ByStructure"
        OF_NAME "ofName" OF_PRODUCT "ofProduct" MENTIONS "mentions"
        TARGET "target" HREF "href" FRAGMENT "fragment" LINK_STATUS "linkStatus" SOURCE_LABEL "sourceLabel"
        LINKS_TO "linksTo" INCLUDES "includes" REDIRECTS_TO "redirectsTo" ADDRESS_OF "addressOf"
        OK "Ok" REDIRECTED "Redirected" BROKEN "Broken" BROKEN_FRAGMENT "BrokenFragment" EXTERNAL "External"
        OPAQUE "Opaque"

        RULE "rule" SEVERITY "severity" MESSAGE "message" QUOTE "quote" REPAIR "repair" CLAIM "claim"
        EXPECTED "expected" EVIDENCE "evidence" DIVERGENCE_KIND "divergenceKind" MEANT "meant"
    }
    dpv "https://w3id.org/dpv#" {
        STORE "Store" USE "Use" TRANSFER "Transfer" COPY "Copy" MAKE_AVAILABLE "MakeAvailable"
        PERSONAL_DATA "PersonalData" PSEUDONYMISED_DATA "PseudonymisedData" ANONYMISED_DATA "AnonymisedData"
        HAS_PROCESSING "hasProcessing" HAS_DATA "hasData" HAS_LOCATION "hasLocation"
    }
    dcterms "http://purl.org/dc/terms/" {
        TITLE "title" SOURCE "source" DATE "date" LICENSE "license" MODIFIED "modified" IS_REPLACED_BY "isReplacedBy"
    }
    prov "http://www.w3.org/ns/prov#" {
        ACTIVITY "Activity" WAS_REVISION_OF "wasRevisionOf" WAS_GENERATED_BY "wasGeneratedBy" USED "used"
        WAS_ASSOCIATED_WITH "wasAssociatedWith" WAS_DERIVED_FROM "wasDerivedFrom"
    }
    schema "https://schema.org/" { IN_LANGUAGE "inLanguage" URL "url" SOFTWARE_VERSION "softwareVersion" }
    skos "http://www.w3.org/2004/02/skos/core#" {
        PREF_LABEL "prefLabel" ALT_LABEL "altLabel" HIDDEN_LABEL "hiddenLabel" NOTATION "notation"
        EXACT_MATCH "exactMatch"
    }
    skosxl "http://www.w3.org/2008/05/skos-xl#" { LABEL "Label" LITERAL_FORM "literalForm" }
    rdfs "http://www.w3.org/2000/01/rdf-schema#" { LABEL "label" COMMENT "comment" }
    itsrdf "http://www.w3.org/2005/11/its/rdf#" { LOC_QUALITY_ISSUE_TYPE "locQualityIssueType" }
    sh "http://www.w3.org/ns/shacl#" { VIOLATION "Violation" WARNING "Warning" INFO "Info" }
    dcat "http://www.w3.org/ns/dcat#" { DATASET "Dataset" VERSION "version" }
    void "http://rdfs.org/ns/void#" {
        DATASET "Dataset" URI_SPACE "uriSpace" VOCABULARY "vocabulary" SUBSET "subset" TRIPLES "triples"
    }
}

/// Front matter keys as they are.
pub const FM: &str = "https://w3id.org/stemma/fm#";
/// The same keys, where the configuration of the docset gives the value.
pub const INHERITED: &str = "https://w3id.org/stemma/inherited#";
/// Countries and unions of the Data Privacy Vocabulary.
pub const LOC: &str = "https://w3id.org/dpv/loc#";
