//! Incident waves: looked at, and decided about.

mod request;

use tonic::{Request, Response, Status};

use super::{
    guard::admitted,
    parse::page::{behind_name, behind_wave, fit},
};
use crate::{
    desk::Desk,
    proto::{
        ticket::person_to,
        v1::{self, wave_service_server::WaveService},
        wave::wave_to,
    },
};

/// The service of waves.
pub(super) struct Waves {
    pub(super) desk: Desk,
}

#[tonic::async_trait]
impl WaveService for Waves {
    async fn list_waves(
        &self,
        request: Request<v1::ListWavesRequest>,
    ) -> Result<Response<v1::ListWavesResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (state, before, size) = request::list(&request)?;
        let found = self.desk.waves(&caller).list(state, before, size + 1).await?;
        let plain = |it: v1::Wave| v1::Wave { meaning: vec![], ..it };
        let mut waves: Vec<_> = found.iter().map(wave_to).map(plain).collect();
        let more = fit(&mut waves, size);
        let last = waves.last().filter(|_| more);
        let next_page_token = last.map(|it| behind_wave(&it.id)).unwrap_or_default();
        Ok(Response::new(v1::ListWavesResponse { waves, next_page_token }))
    }

    async fn get_wave(
        &self,
        request: Request<v1::GetWaveRequest>,
    ) -> Result<Response<v1::GetWaveResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let which = request::get(&request)?;
        let wave = self.desk.waves(&caller).get(&which).await?;
        Ok(Response::new(v1::GetWaveResponse { wave: Some(wave_to(&wave)) }))
    }

    async fn accept_wave(
        &self,
        request: Request<v1::AcceptWaveRequest>,
    ) -> Result<Response<v1::AcceptWaveResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (step, parent) = request::accept(request)?;
        let wave = self.desk.accept_wave(&caller, step.asked(), &step.which, parent.as_ref(), step.expected);
        Ok(Response::new(v1::AcceptWaveResponse { wave: Some(wave_to(&wave.await?)) }))
    }

    async fn dismiss_wave(
        &self,
        request: Request<v1::DismissWaveRequest>,
    ) -> Result<Response<v1::DismissWaveResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (step, reason) = request::dismiss(request)?;
        let waves = self.desk.waves(&caller);
        let wave = waves.dismiss(step.asked(), &step.which, reason, step.expected).await?;
        Ok(Response::new(v1::DismissWaveResponse { wave: Some(wave_to(&wave)) }))
    }

    async fn close_wave(
        &self,
        request: Request<v1::CloseWaveRequest>,
    ) -> Result<Response<v1::CloseWaveResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (step, reason) = request::close(request)?;
        let waves = self.desk.waves(&caller);
        let wave = waves.close(step.asked(), &step.which, reason, step.expected).await?;
        Ok(Response::new(v1::CloseWaveResponse { wave: Some(wave_to(&wave)) }))
    }

    async fn list_wave_people(
        &self,
        request: Request<v1::ListWavePeopleRequest>,
    ) -> Result<Response<v1::ListWavePeopleResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (which, after, size) = request::people(&request)?;
        let found = self.desk.waves(&caller).people(&which, &after, size + 1).await?;
        let more = found.len() > size as usize;
        let found = &found[..found.len().min(size as usize)];
        let next_page_token =
            found.last().filter(|_| more).map(|it| behind_name(&it.key())).unwrap_or_default();
        let people = found.iter().map(person_to).collect();
        Ok(Response::new(v1::ListWavePeopleResponse { people, next_page_token }))
    }
}
