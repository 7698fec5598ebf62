//! Who may call what: one table from a method to the roles that may call it. What is not in it cannot
//! be called, and a test compares it with the contract.

use crate::domain::people::{
    Caller,
    Role::{self, Admin, Agent, Bot, Directory, Manager, MlEngineer, Service},
};

/// How callers are told apart.
#[derive(Debug, Clone)]
pub enum Access {
    /// By the API token that each call carries.
    Tokens,
    /// Not at all: every call is this caller's. For a listener that only this machine can reach.
    Open(Caller),
}

/// One method of the contract.
#[derive(Debug)]
pub(super) struct Method {
    /// As HTTP/2 names it.
    pub(super) path: &'static str,
    /// Any of these may call it.
    pub(super) roles: &'static [Role],
}

const TALK: &[Role] = &[Bot];
const SUGGEST: &[Role] = &[Service, Bot];
const WORK: &[Role] = &[Agent, Manager, Admin];
const CONSENT: &[Role] = &[Bot, Agent, Manager, Admin];
const READ: &[Role] = &[Agent, Manager, MlEngineer, Admin, Service];
const LEARN: &[Role] = &[MlEngineer, Admin];
const MODELS: &[Role] = &[MlEngineer, Admin, Service];
const OWN: &[Role] = &[Manager, Admin];
const KEEP: &[Role] = &[Directory, Admin];

/// The method that answers when all that its caller streams has come.
const UPLOAD: &str = "/dispatch.v1.TicketService/UploadAttachment";

/// The method that answers when a whole list has been checked and written.
const IMPORT: &str = "/dispatch.v1.AssetService/ImportAssets";

pub(super) const METHODS: &[Method] = &[
    allow("/dispatch.v1.ConversationService/SendMessage", TALK),
    allow("/dispatch.v1.ConversationService/Converse", TALK),
    allow("/dispatch.v1.RoutingService/Suggest", SUGGEST),
    allow("/dispatch.v1.RoutingService/SuggestStream", SUGGEST),
    allow("/dispatch.v1.RoutingService/BatchSuggest", SUGGEST),
    allow("/dispatch.v1.TicketService/CreateTicket", WORK),
    allow("/dispatch.v1.TicketService/CheckTicket", WORK),
    allow("/dispatch.v1.TicketService/GetTicket", WORK),
    allow("/dispatch.v1.TicketService/ExplainTicketClocks", WORK),
    allow("/dispatch.v1.TicketService/VerifyTicketClocks", OWN),
    allow("/dispatch.v1.TicketService/ListTickets", WORK),
    allow("/dispatch.v1.TicketService/UpdateTicket", WORK),
    allow("/dispatch.v1.TicketService/TransitionTicket", WORK),
    allow("/dispatch.v1.TicketService/CommentTicket", WORK),
    allow("/dispatch.v1.TicketService/MergeTicket", WORK),
    allow("/dispatch.v1.TicketService/SplitTicket", WORK),
    allow("/dispatch.v1.TicketService/FollowUpTicket", WORK),
    allow("/dispatch.v1.TicketService/LinkTicket", WORK),
    allow("/dispatch.v1.TicketService/UnlinkTicket", WORK),
    allow("/dispatch.v1.TicketService/AddWatcher", WORK),
    allow("/dispatch.v1.TicketService/RemoveWatcher", WORK),
    allow(UPLOAD, &[Bot, Agent, Manager, Admin]),
    allow("/dispatch.v1.TicketService/DownloadAttachment", WORK),
    allow("/dispatch.v1.TicketService/RemoveAttachment", WORK),
    allow("/dispatch.v1.TicketService/AssignTicket", WORK),
    allow("/dispatch.v1.TicketService/ListTicketEvents", WORK),
    allow("/dispatch.v1.TicketService/ListEvents", WORK),
    allow("/dispatch.v1.TicketService/WatchTickets", WORK),
    allow("/dispatch.v1.DispatchService/AcceptOffer", WORK),
    allow("/dispatch.v1.DispatchService/DeclineOffer", WORK),
    allow("/dispatch.v1.DispatchService/SetPresence", WORK),
    allow("/dispatch.v1.DispatchService/PreviewDispatch", WORK),
    allow("/dispatch.v1.DispatchService/ListBacklog", WORK),
    allow("/dispatch.v1.TaskService/ListTasks", WORK),
    allow("/dispatch.v1.TaskService/AddTask", WORK),
    allow("/dispatch.v1.TaskService/TakeTask", WORK),
    allow("/dispatch.v1.TaskService/TickTaskItem", WORK),
    allow("/dispatch.v1.TaskService/FinishTask", WORK),
    allow("/dispatch.v1.TaskService/SkipTask", WORK),
    allow("/dispatch.v1.TaskService/ReopenTask", WORK),
    allow("/dispatch.v1.PeopleService/GetPerson", WORK),
    allow("/dispatch.v1.PeopleService/ListPeople", WORK),
    allow("/dispatch.v1.PeopleService/PutPerson", KEEP),
    allow("/dispatch.v1.PeopleService/UpdatePerson", KEEP),
    allow("/dispatch.v1.PeopleService/RemovePerson", KEEP),
    allow("/dispatch.v1.KnowledgeService/PutArticle", WORK),
    allow("/dispatch.v1.KnowledgeService/GetArticle", CONSENT),
    allow("/dispatch.v1.KnowledgeService/ListArticles", WORK),
    allow("/dispatch.v1.KnowledgeService/SearchArticles", CONSENT),
    allow("/dispatch.v1.KnowledgeService/PublishArticle", OWN),
    allow("/dispatch.v1.KnowledgeService/RetireArticle", OWN),
    allow("/dispatch.v1.KnowledgeService/RateArticle", CONSENT),
    allow("/dispatch.v1.KnowledgeService/DraftFromTicket", WORK),
    allow("/dispatch.v1.AssetService/GetAsset", WORK),
    allow("/dispatch.v1.AssetService/ListAssets", WORK),
    allow("/dispatch.v1.AssetService/ListAssetEvents", WORK),
    allow("/dispatch.v1.AssetService/AssessImpact", WORK),
    allow("/dispatch.v1.AssetService/LinkAsset", WORK),
    allow("/dispatch.v1.AssetService/UnlinkAsset", WORK),
    allow("/dispatch.v1.AssetService/VetoAsset", WORK),
    allow("/dispatch.v1.AssetService/PutAsset", KEEP),
    allow("/dispatch.v1.AssetService/RemoveAsset", KEEP),
    allow(IMPORT, KEEP),
    allow("/dispatch.v1.ProblemService/OpenProblem", WORK),
    allow("/dispatch.v1.ProblemService/DiagnoseProblem", WORK),
    allow("/dispatch.v1.ProblemService/PublishKnownError", OWN),
    allow("/dispatch.v1.ProblemService/ListKnownErrors", WORK),
    allow("/dispatch.v1.ChangeService/OpenChange", WORK),
    allow("/dispatch.v1.ChangeService/PlanChange", WORK),
    allow("/dispatch.v1.ChangeService/GetChange", READ),
    allow("/dispatch.v1.ChangeService/CheckChange", WORK),
    allow("/dispatch.v1.ChangeService/SubmitChange", WORK),
    allow("/dispatch.v1.ChangeService/ScheduleChange", WORK),
    allow("/dispatch.v1.ChangeService/ReviewChange", OWN),
    allow("/dispatch.v1.ChangeService/ListChanges", WORK),
    allow("/dispatch.v1.ChangeService/ListRecentChanges", WORK),
    allow("/dispatch.v1.ChangeService/ListAftermath", WORK),
    allow("/dispatch.v1.WaveService/ListWaves", WORK),
    allow("/dispatch.v1.WaveService/GetWave", WORK),
    allow("/dispatch.v1.WaveService/ListWavePeople", CONSENT),
    allow("/dispatch.v1.WaveService/AcceptWave", WORK),
    allow("/dispatch.v1.WaveService/DismissWave", WORK),
    allow("/dispatch.v1.WaveService/CloseWave", WORK),
    allow("/dispatch.v1.PortfolioService/ReportServices", WORK),
    allow("/dispatch.v1.SlaService/SlaReport", WORK),
    allow("/dispatch.v1.ReportService/Measure", WORK),
    allow("/dispatch.v1.ReportService/Backlog", WORK),
    allow("/dispatch.v1.ReportService/RateTicket", TALK),
    allow("/dispatch.v1.ReportService/PutImprovement", OWN),
    allow("/dispatch.v1.ReportService/MoveImprovement", OWN),
    allow("/dispatch.v1.ReportService/ListImprovements", WORK),
    allow("/dispatch.v1.ReportService/GetImprovement", WORK),
    allow("/dispatch.v1.ApprovalService/ListApprovals", CONSENT),
    allow("/dispatch.v1.ApprovalService/DecideApproval", CONSENT),
    allow("/dispatch.v1.ApprovalService/DelegateApproval", CONSENT),
    allow("/dispatch.v1.CatalogService/GetCatalog", READ),
    allow("/dispatch.v1.CatalogService/GetTemplate", READ),
    allow("/dispatch.v1.CatalogService/ListTemplates", READ),
    allow("/dispatch.v1.CatalogService/GetGroup", READ),
    allow("/dispatch.v1.CatalogService/ListGroups", READ),
    allow("/dispatch.v1.CatalogService/GetAgent", READ),
    allow("/dispatch.v1.CatalogService/ListAgents", READ),
    allow("/dispatch.v1.CatalogService/GetService", READ),
    allow("/dispatch.v1.CatalogService/ListServices", READ),
    allow("/dispatch.v1.CatalogService/GetSlaPolicy", READ),
    allow("/dispatch.v1.CatalogService/ListSlaPolicies", READ),
    allow("/dispatch.v1.CatalogService/GetCalendar", READ),
    allow("/dispatch.v1.CatalogService/ListCalendars", READ),
    allow("/dispatch.v1.CatalogService/CheckCatalog", OWN),
    allow("/dispatch.v1.CatalogService/ApplyCatalog", OWN),
    allow("/dispatch.v1.CatalogService/TryTemplate", OWN),
    allow("/dispatch.v1.CatalogService/PutTemplate", OWN),
    allow("/dispatch.v1.CatalogService/RemoveTemplate", OWN),
    allow("/dispatch.v1.ModelService/ListModels", MODELS),
    allow("/dispatch.v1.ModelService/GetModel", MODELS),
    allow("/dispatch.v1.ModelService/TrainModel", LEARN),
    allow("/dispatch.v1.ModelService/GetOperation", MODELS),
    allow("/dispatch.v1.ModelService/CancelOperation", LEARN),
    allow("/dispatch.v1.ModelService/WatchOperation", MODELS),
    allow("/dispatch.v1.ModelService/EvaluateModel", LEARN),
    allow("/dispatch.v1.ModelService/PromoteModel", LEARN),
    allow("/dispatch.v1.ModelService/RollBackModel", LEARN),
    allow("/dispatch.v1.ModelService/SetShadow", LEARN),
    allow("/dispatch.v1.ModelService/GetShadowStatistics", MODELS),
];

const fn allow(path: &'static str, roles: &'static [Role]) -> Method {
    Method { path, roles }
}

impl Method {
    /// Whether it takes as long as its caller needs to send everything, or as much as was sent.
    pub(super) fn is_upload(&self) -> bool {
        [UPLOAD, IMPORT].contains(&self.path)
    }
}

/// The method of a path, if it may be called at all.
pub(super) fn method(path: &str) -> Option<&'static Method> {
    METHODS.iter().find(|it| it.path == path)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use prost::Message;
    use prost_types::FileDescriptorSet;

    use super::*;
    use crate::proto::DESCRIPTORS;

    /// Every method of the contract.
    fn contract() -> BTreeSet<String> {
        let set = FileDescriptorSet::decode(DESCRIPTORS).unwrap();
        let files = set.file.iter().filter(|it| it.package() == "dispatch.v1");
        let services = files.flat_map(|it| &it.service);
        services
            .flat_map(|service| {
                service.method.iter().map(|it| format!("/dispatch.v1.{}/{}", service.name(), it.name()))
            })
            .collect()
    }

    #[test]
    fn every_method_of_the_contract_has_an_entry_and_nothing_else_has() {
        let table: BTreeSet<_> = METHODS.iter().map(|it| it.path.to_owned()).collect();
        assert_eq!(table, contract());
        assert_eq!(table.len(), METHODS.len());
    }

    #[test]
    fn every_entry_names_roles_and_none_names_all() {
        assert!(METHODS.iter().all(|it| !it.roles.is_empty() && it.roles.len() < Role::ALL.len()));
    }

    #[test]
    fn only_bots_say_who_a_requester_is_in_a_conversation() {
        let talk = METHODS.iter().filter(|it| it.path.contains("ConversationService"));
        assert!(talk.into_iter().all(|it| it.roles == [Bot]));
    }

    #[test]
    fn what_is_not_in_the_table_cannot_be_called() {
        assert!(method("/dispatch.v1.TicketService/DropEverything").is_none());
        assert!(method("").is_none());
    }
}
