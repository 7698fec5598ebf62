//! Tasks of tickets: which there are, and what happens to them.

mod request;

use tonic::{Request, Response, Status};

use super::{
    guard::admitted,
    parse::page::{behind_task, fit},
};
use crate::{
    desk::Desk,
    proto::v1::{self, task_service_server::TaskService},
};

/// The task service.
pub(super) struct Tasks {
    pub(super) desk: Desk,
}

#[tonic::async_trait]
impl TaskService for Tasks {
    async fn list_tasks(
        &self,
        request: Request<v1::ListTasksRequest>,
    ) -> Result<Response<v1::ListTasksResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (filter, after, size) = request::list(request)?;
        // One more than asked for tells whether there is a next page.
        let mut tasks = self.desk.tasks(&caller, filter, after, size + 1).await?;
        let more = fit(&mut tasks, size);
        let last = tasks.last().filter(|_| more).and_then(|it| Some((&it.ticket, &it.task.as_ref()?.id)));
        let next_page_token = last.map(|(ticket, task)| behind_task(ticket, task)).unwrap_or_default();
        Ok(Response::new(v1::ListTasksResponse { tasks, next_page_token }))
    }

    async fn add_task(
        &self,
        request: Request<v1::AddTaskRequest>,
    ) -> Result<Response<v1::AddTaskResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let ticket = Some(self.desk.change(&caller, request::add(request)?).await?);
        Ok(Response::new(v1::AddTaskResponse { ticket }))
    }

    async fn take_task(
        &self,
        request: Request<v1::TakeTaskRequest>,
    ) -> Result<Response<v1::TakeTaskResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let ticket = Some(self.desk.change(&caller, request::take(&caller, request)?).await?);
        Ok(Response::new(v1::TakeTaskResponse { ticket }))
    }

    async fn tick_task_item(
        &self,
        request: Request<v1::TickTaskItemRequest>,
    ) -> Result<Response<v1::TickTaskItemResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let ticket = Some(self.desk.change(&caller, request::tick(request)?).await?);
        Ok(Response::new(v1::TickTaskItemResponse { ticket }))
    }

    async fn finish_task(
        &self,
        request: Request<v1::FinishTaskRequest>,
    ) -> Result<Response<v1::FinishTaskResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let ticket = Some(self.desk.change(&caller, request::finish(request)?).await?);
        Ok(Response::new(v1::FinishTaskResponse { ticket }))
    }

    async fn skip_task(
        &self,
        request: Request<v1::SkipTaskRequest>,
    ) -> Result<Response<v1::SkipTaskResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let ticket = Some(self.desk.change(&caller, request::skip(&caller, request)?).await?);
        Ok(Response::new(v1::SkipTaskResponse { ticket }))
    }

    async fn reopen_task(
        &self,
        request: Request<v1::ReopenTaskRequest>,
    ) -> Result<Response<v1::ReopenTaskResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let ticket = Some(self.desk.change(&caller, request::reopen(request)?).await?);
        Ok(Response::new(v1::ReopenTaskResponse { ticket }))
    }
}
