//! Text models: train one, measure it, try it in the shadow, put it into use, go back.

mod request;

use futures_util::StreamExt;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, codegen::BoxStream};

use super::{
    guard::admitted,
    parse::page::{behind_name, fit},
    stream::{Seated, until},
};
use crate::{
    desk::Desk,
    proto::v1::{self, model_service_server::ModelService},
};

/// The model service.
pub(super) struct Models {
    pub(super) desk: Desk,
    pub(super) stop: CancellationToken,
}

#[tonic::async_trait]
impl ModelService for Models {
    type WatchOperationStream = BoxStream<v1::WatchOperationResponse>;

    async fn list_models(
        &self,
        request: Request<v1::ListModelsRequest>,
    ) -> Result<Response<v1::ListModelsResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (after, size) = request::list(&request)?;
        let mut list = self.desk.models(&caller).await?;
        if !after.is_empty() {
            list.models.retain(|it| it.model > after);
            list.skipped.clear();
            list.history.clear();
        }
        let more = fit(&mut list.models, size);
        let last = list.models.last().filter(|_| more);
        list.next_page_token = last.map(|it| behind_name(&it.model)).unwrap_or_default();
        Ok(Response::new(list))
    }

    async fn get_model(
        &self,
        request: Request<v1::GetModelRequest>,
    ) -> Result<Response<v1::GetModelResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let model = self.desk.model(&caller, request::get(request)?).await?;
        Ok(Response::new(v1::GetModelResponse { model: Some(model) }))
    }

    async fn train_model(
        &self,
        request: Request<v1::TrainModelRequest>,
    ) -> Result<Response<v1::TrainModelResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (request, examples) = request::train(request)?;
        let operation = self.desk.train_model(&caller, request, examples).await?;
        Ok(Response::new(v1::TrainModelResponse { operation: Some(operation) }))
    }

    async fn get_operation(
        &self,
        request: Request<v1::GetOperationRequest>,
    ) -> Result<Response<v1::GetOperationResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let operation = self.desk.operation(&caller, &request::operation(request.operation)?).await?;
        Ok(Response::new(v1::GetOperationResponse { operation: Some(operation) }))
    }

    async fn cancel_operation(
        &self,
        request: Request<v1::CancelOperationRequest>,
    ) -> Result<Response<v1::CancelOperationResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let operation = self.desk.cancel_operation(&caller, &request::operation(request.operation)?).await?;
        Ok(Response::new(v1::CancelOperationResponse { operation: Some(operation) }))
    }

    async fn watch_operation(
        &self,
        request: Request<v1::WatchOperationRequest>,
    ) -> Result<Response<Self::WatchOperationStream>, Status> {
        let (caller, request, seat) = admitted(request)?;
        let stands = self.desk.watch_operation(&caller, &request::operation(request.operation)?).await?;
        let answer = |it| Ok(v1::WatchOperationResponse { operation: Some(it) });
        let answers = until(self.stop.clone(), seat.clone(), stands.map(answer));
        Ok(Response::new(Box::pin(Seated::new(seat, answers))))
    }

    async fn evaluate_model(
        &self,
        request: Request<v1::EvaluateModelRequest>,
    ) -> Result<Response<v1::EvaluateModelResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (version, data, outside) = request::evaluate(request)?;
        Ok(Response::new(self.desk.evaluate_model(&caller, version, data, outside).await?))
    }

    async fn promote_model(
        &self,
        request: Request<v1::PromoteModelRequest>,
    ) -> Result<Response<v1::PromoteModelResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (request, version) = request::promote(request)?;
        let model = self.desk.promote_model(&caller, request, version).await?;
        Ok(Response::new(v1::PromoteModelResponse { model: Some(model) }))
    }

    async fn roll_back_model(
        &self,
        request: Request<v1::RollBackModelRequest>,
    ) -> Result<Response<v1::RollBackModelResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let model = self.desk.roll_back_model(&caller, request::roll_back(request)?).await?;
        Ok(Response::new(v1::RollBackModelResponse { model: Some(model) }))
    }

    async fn set_shadow(
        &self,
        request: Request<v1::SetShadowRequest>,
    ) -> Result<Response<v1::SetShadowResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (request, shadow) = request::shadow(request)?;
        let model = self.desk.set_shadow(&caller, request, shadow).await?;
        Ok(Response::new(v1::SetShadowResponse { model }))
    }

    async fn get_shadow_statistics(
        &self,
        request: Request<v1::GetShadowStatisticsRequest>,
    ) -> Result<Response<v1::GetShadowStatisticsResponse>, Status> {
        let (caller, _, _seat) = admitted(request)?;
        Ok(Response::new(self.desk.compare_shadow(&caller)?))
    }
}
