//! A desk that offers a new laptop, and the calls that the tests of templates make.

use std::{fs, process::Stdio};

use ticket_dispatch::{
    catalog,
    client::Client,
    proto::v1::{self, field_value::Value, task_service_client::TaskServiceClient},
};
use tonic::{Status, transport::Channel};

use crate::app::{App, Settings};

pub(super) const LAPTOP: &str = r#"templates:
  # What people get on their first day.
  - id: new_laptop
    kind: request
    label: { en: New laptop, zh: 新笔记本电脑 }
    service: workplace
    group: workplace
    impact: person
    urgency: low
    sla: standard
    fields:
      - id: model
        type: choice
        label: { en: Model, zh: 型号 }
        ask: { en: "Which model?", zh: "哪个型号？" }
        default: light
        options:
          - { id: light, label: { en: Light, zh: 轻薄 } }
          - { id: strong, label: { en: Strong, zh: 高性能 } }
      - id: cost_centre
        type: text
        label: { en: Cost centre, zh: 成本中心 }
        ask: { en: "Which cost centre pays?", zh: "由哪个成本中心支付？" }
        required: true
        pattern: "[A-Z]{2}-[0-9]{4}"
        example: DE-1234
      - id: reason
        type: text
        label: { en: Reason, zh: 原因 }
        ask: { en: "Why does it have to be a strong one?", zh: "为什么需要高性能？" }
        required_when: { field: model, is: strong }
    steps:
      - id: order
        label: { en: Order it, zh: 下单 }
        group: procurement
      - id: install
        label: { en: Install it, zh: 安装 }
        after: order
        checklist:
          - { en: The disk is encrypted, zh: 磁盘已加密 }
          - { en: The tag is on it, zh: 已贴标签 }
      - id: licence
        label: { en: Get a licence for the tools, zh: 申请软件许可 }
        group: applications
        when: { field: model, is: strong }
      - id: show
        label: { en: Show how it works, zh: 演示 }
        after: [install]
        optional: true
"#;

pub(super) struct Desk {
    pub(super) app: App,
    calls: std::cell::Cell<u32>,
    token: Option<String>,
    _catalog: tempfile::TempDir,
}

impl Desk {
    pub(super) fn start() -> Self {
        Self::with(Settings::default(), |files| files.push(("laptop.yaml".into(), LAPTOP.into())))
    }

    /// One that asks for tokens.
    pub(super) fn guarded() -> Self {
        let settings = Settings::default().env("DISPATCH_AUTH_MODE", "tokens");
        let mut desk = Self::with(settings, |files| files.push(("laptop.yaml".into(), LAPTOP.into())));
        desk.token = Some(desk.app.token("default", "admin"));
        desk
    }

    /// One whose starter catalogue is changed.
    pub(super) fn with(settings: Settings, change: impl Fn(&mut Vec<(String, String)>)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut files: Vec<_> = catalog::starter().into_iter().map(|it| (it.name, it.content)).collect();
        change(&mut files);
        for (name, content) in files {
            fs::write(folder.path().join(name), content).unwrap();
        }
        let settings = settings.env("DISPATCH_CATALOG_DIR", folder.path().to_str().unwrap());
        Self { app: App::start(settings), calls: 0.into(), token: None, _catalog: folder }
    }

    pub(super) fn client(&self) -> Client {
        self.app.client(self.token.as_deref())
    }

    fn tasks(&self) -> TaskServiceClient<Channel> {
        TaskServiceClient::new(self.app.channel())
    }

    pub(super) fn request(&self) -> String {
        self.calls.set(self.calls.get() + 1);
        format!("call-{}", self.calls.get())
    }

    pub(super) async fn open(&self, fields: &[(&str, Value)]) -> Result<v1::Ticket, Status> {
        let request = v1::CreateTicketRequest {
            request_id: self.request(),
            template: "new_laptop".into(),
            requester: Some(v1::Person {
                issuer: "chat".into(),
                subject: "ada".into(),
                ..Default::default()
            }),
            description: "I start on Monday".into(),
            fields: values(fields),
            ..Default::default()
        };
        Ok(self.client().tickets().create_ticket(request).await?.into_inner().ticket.unwrap())
    }

    /// A ticket with all that is needed.
    pub(super) async fn laptop(&self) -> v1::Ticket {
        self.open(&[("cost_centre", text("DE-0001"))]).await.unwrap()
    }

    pub(super) async fn update(&self, ticket: &str, fields: &[(&str, Value)]) -> Result<v1::Ticket, Status> {
        let request = v1::UpdateTicketRequest {
            request_id: self.request(),
            ticket: ticket.into(),
            update_mask: Some(prost_types::FieldMask { paths: vec!["fields".into()] }),
            change: Some(v1::TicketChange { fields: values(fields), ..Default::default() }),
            ..Default::default()
        };
        Ok(self.client().tickets().update_ticket(request).await?.into_inner().ticket.unwrap())
    }

    pub(super) async fn resolve(&self, ticket: &str) -> Result<v1::Ticket, Status> {
        let request = v1::TransitionTicketRequest {
            request_id: self.request(),
            ticket: ticket.into(),
            to: v1::TicketState::Resolved.into(),
            resolution: "there it is".into(),
            ..Default::default()
        };
        Ok(self.client().tickets().transition_ticket(request).await?.into_inner().ticket.unwrap())
    }

    pub(super) async fn finish(&self, ticket: &str, task: &str) -> Result<v1::Ticket, Status> {
        let request = v1::FinishTaskRequest {
            request_id: self.request(),
            ticket: ticket.into(),
            task: task.into(),
            note: "done".into(),
            ..Default::default()
        };
        Ok(self.tasks().finish_task(request).await?.into_inner().ticket.unwrap())
    }

    pub(super) async fn tick(&self, ticket: &str, task: &str, item: u32) -> Result<v1::Ticket, Status> {
        let request = v1::TickTaskItemRequest {
            request_id: self.request(),
            ticket: ticket.into(),
            task: task.into(),
            item,
            ..Default::default()
        };
        Ok(self.tasks().tick_task_item(request).await?.into_inner().ticket.unwrap())
    }

    pub(super) async fn take(&self, ticket: &str, task: &str, agent: &str) -> Result<v1::Ticket, Status> {
        let request = v1::TakeTaskRequest {
            request_id: self.request(),
            ticket: ticket.into(),
            task: task.into(),
            agent: agent.into(),
            ..Default::default()
        };
        Ok(self.tasks().take_task(request).await?.into_inner().ticket.unwrap())
    }

    pub(super) async fn reopen(&self, ticket: &str, task: &str) -> Result<v1::Ticket, Status> {
        let request = v1::ReopenTaskRequest {
            request_id: self.request(),
            ticket: ticket.into(),
            task: task.into(),
            reason: "the wrong one came".into(),
            ..Default::default()
        };
        Ok(self.tasks().reopen_task(request).await?.into_inner().ticket.unwrap())
    }

    pub(super) async fn add(&self, ticket: &str, task: &str, after: &[&str]) -> Result<v1::Ticket, Status> {
        let request = v1::AddTaskRequest {
            request_id: self.request(),
            ticket: ticket.into(),
            task: task.into(),
            label: "Call the supplier".into(),
            after: after.iter().map(|it| (*it).to_owned()).collect(),
            ..Default::default()
        };
        Ok(self.tasks().add_task(request).await?.into_inner().ticket.unwrap())
    }

    /// Leaves a task out as somebody with a role.
    pub(super) async fn skip_as(&self, role: &str, ticket: &str, task: &str) -> Result<v1::Ticket, Status> {
        let token = self.app.token("default", role);
        let mut request = tonic::Request::new(v1::SkipTaskRequest {
            request_id: self.request(),
            ticket: ticket.into(),
            task: task.into(),
            reason: "not this time".into(),
            ..Default::default()
        });
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        Ok(self.tasks().skip_task(request).await?.into_inner().ticket.unwrap())
    }

    /// The tasks that a group can do now, each with its ticket's number.
    pub(super) async fn ready(&self, group: &str) -> Vec<(String, String)> {
        let mut ready = vec![];
        let mut page_token = String::new();
        loop {
            let request =
                v1::ListTasksRequest { group: group.into(), page_size: 2, page_token, ..Default::default() };
            let page = self.tasks().list_tasks(request).await.unwrap().into_inner();
            ready.extend(page.tasks.into_iter().map(|it| (it.number, it.task.unwrap().id)));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return ready;
            }
        }
    }

    pub(super) async fn put(&self, definition: &str, expected: u64) -> Result<u64, Status> {
        let request = v1::PutTemplateRequest {
            request_id: self.request(),
            definition: definition.into(),
            expected_version: expected,
        };
        Ok(self.client().catalog().put_template(request).await?.into_inner().version)
    }

    pub(super) async fn template(&self, id: &str, version: u32) -> Result<v1::GetTemplateResponse, Status> {
        let request = v1::GetTemplateRequest { template: id.into(), version };
        Ok(self.client().catalog().get_template(request).await?.into_inner())
    }

    /// What the bot answers to an employee.
    pub(super) async fn say(&self, conversation: &str, text: &str) -> v1::SendMessageResponse {
        let message = v1::SendMessageRequest {
            message_id: self.request(),
            conversation: conversation.to_owned(),
            requester: Some(v1::Person {
                issuer: "chat".into(),
                subject: "ada".into(),
                ..Default::default()
            }),
            text: text.to_owned(),
            ..Default::default()
        };
        self.client().send(message).await.unwrap()
    }

    pub(super) async fn try_out(&self, template: &str, messages: &[&str]) -> v1::TryTemplateResponse {
        let request = v1::TryTemplateRequest {
            template: template.into(),
            messages: messages.iter().map(|it| (*it).to_owned()).collect(),
            ..Default::default()
        };
        self.client().catalog().try_template(request).await.unwrap().into_inner()
    }

    /// Imports a file, and gives what was printed and whether every row is a ticket.
    pub(super) fn import(&self, name: &str, content: &str) -> (String, bool) {
        self.imported(name, content, &[])
    }

    /// Lets a file be checked, and gives the same.
    pub(super) fn try_import(&self, name: &str, content: &str) -> (String, bool) {
        self.imported(name, content, &["--dry-run"])
    }

    fn imported(&self, name: &str, content: &str, more: &[&str]) -> (String, bool) {
        let file = self.app.data().join(name);
        fs::write(&file, content).unwrap();
        let mut command = self.app.command(&["import", file.to_str().unwrap(), "--connect", &self.app.url()]);
        command.args(more);
        let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        (text, output.status.success())
    }

    pub(super) async fn count(&self) -> usize {
        let request = v1::ListTicketsRequest { page_size: 200, ..Default::default() };
        self.client().tickets().list_tickets(request).await.unwrap().into_inner().tickets.len()
    }
}

pub(super) fn text(it: &str) -> Value {
    Value::Text(it.to_owned())
}

pub(super) fn choice(it: &str) -> Value {
    Value::Choice(it.to_owned())
}

fn values(fields: &[(&str, Value)]) -> Vec<v1::FieldValue> {
    let value = |(field, value): &(&str, Value)| v1::FieldValue {
        field: (*field).to_owned(),
        value: Some(value.clone()),
    };
    fields.iter().map(value).collect()
}

/// Where each task of a ticket stands.
pub(super) fn states(ticket: &v1::Ticket) -> Vec<(&str, v1::TaskState)> {
    ticket.tasks.iter().map(|it| (it.id.as_str(), it.state())).collect()
}

/// The text of a field.
pub(super) fn value(ticket: &v1::Ticket, field: &str) -> Option<Value> {
    ticket.fields.iter().find(|it| it.field == field)?.value.clone()
}
