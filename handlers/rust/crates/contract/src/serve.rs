use lambda_runtime::{LambdaEvent, service_fn};

use crate::{Answer, Request};

/// An unexpected error. It is logged, and the client gets 500.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Handles requests from Lambda's Runtime API, one at a time, until the environment ends. All asynchronous work runs on
/// one thread: a function has a fraction of a core, and every further worker thread would cost memory and start-up
/// time.
///
/// # Errors
/// If the asynchronous runtime cannot start or the Runtime API cannot be reached.
pub fn serve<F>(handle: impl Fn(Request) -> F) -> Result<(), Failure>
where
    F: Future<Output = Result<Answer, Failure>>,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let service = service_fn(|event: LambdaEvent<Request>| {
        let answer = handle(event.payload);
        async { Ok::<Answer, Failure>(answer.await.unwrap_or_else(|failure| server_error(&failure))) }
    });
    runtime.block_on(lambda_runtime::run(service))
}

fn server_error(failure: &Failure) -> Answer {
    eprintln!("{failure}");
    Answer::message(500, "Server error")
}
