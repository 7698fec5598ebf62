//! The directory of people: reading and keeping it.

mod request;

pub(super) use self::request::Same;

use tonic::{Request, Response, Status};

use super::{
    guard::admitted,
    parse::page::{behind_person, fit},
};
use crate::{
    desk::Desk,
    proto::{
        profile::profile_to,
        v1::{self, people_service_server::PeopleService},
    },
};

/// The service of people.
pub(super) struct People {
    pub(super) desk: Desk,
}

#[tonic::async_trait]
impl PeopleService for People {
    async fn get_person(
        &self,
        request: Request<v1::GetPersonRequest>,
    ) -> Result<Response<v1::GetPersonResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let found = self.desk.directory(&caller).get(&request::get(request)?).await?;
        Ok(Response::new(v1::GetPersonResponse { person: Some(profile_to(&found)) }))
    }

    async fn list_people(
        &self,
        request: Request<v1::ListPeopleRequest>,
    ) -> Result<Response<v1::ListPeopleResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (which, after, size) = request::list(request)?;
        // One more than asked for tells whether there is a next page.
        let found = self.desk.directory(&caller).list(which, after, size + 1).await?;
        let mut people: Vec<_> = found.iter().map(profile_to).collect();
        let more = fit(&mut people, size);
        let last = people.last().filter(|_| more);
        let next_page_token = last.map(|it| behind_person(&it.id)).unwrap_or_default();
        Ok(Response::new(v1::ListPeopleResponse { people, next_page_token }))
    }

    async fn put_person(
        &self,
        request: Request<v1::PutPersonRequest>,
    ) -> Result<Response<v1::PutPersonResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (request, new, guard) = request::put(request)?;
        let person = self.desk.directory(&caller).put(request.asked(), new, guard).await?;
        Ok(Response::new(v1::PutPersonResponse { person: Some(profile_to(&person)) }))
    }

    async fn update_person(
        &self,
        request: Request<v1::UpdatePersonRequest>,
    ) -> Result<Response<v1::UpdatePersonResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (request, who, change, guard) = request::update(request)?;
        let directory = self.desk.directory(&caller);
        let person =
            directory.change(request.asked(), &who, |it| change.apply(it), change.manager(), guard).await?;
        Ok(Response::new(v1::UpdatePersonResponse { person: Some(profile_to(&person)) }))
    }

    async fn remove_person(
        &self,
        request: Request<v1::RemovePersonRequest>,
    ) -> Result<Response<v1::RemovePersonResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (request, who, guard) = request::remove(request)?;
        let directory = self.desk.directory(&caller);
        let person = directory.change(request.asked(), &who, |it| it.active = false, None, guard).await?;
        Ok(Response::new(v1::RemovePersonResponse { person: Some(profile_to(&person)) }))
    }
}
