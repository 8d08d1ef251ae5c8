use aws_sdk_dynamodb::config::{Credentials, Region};
use aws_sdk_dynamodb::{Client, Config};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use contract::Failure;

/// Returns a client made from the variables that Lambda sets. They are valid for the lifetime of an environment, so the
/// binary needs no `aws-config`, which searches profiles, containers, instance metadata and sign-on services.
pub fn from_environment() -> Result<Client, Failure> {
    let credentials = Credentials::new(
        variable("AWS_ACCESS_KEY_ID")?,
        variable("AWS_SECRET_ACCESS_KEY")?,
        std::env::var("AWS_SESSION_TOKEN").ok(),
        None,
        "environment",
    );
    let https = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let mut config = Config::builder()
        .credentials_provider(credentials)
        .region(Region::new(variable("AWS_REGION")?))
        .http_client(https);
    if let Some(url) = endpoint_url() {
        config = config.endpoint_url(url);
    }
    Ok(Client::from_conf(config.build()))
}

/// Returns the endpoint that the environment sets in place of the region's own. Every AWS SDK reads these variables.
fn endpoint_url() -> Option<String> {
    ["AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"].into_iter().find_map(|name| std::env::var(name).ok())
}

/// Returns the value of a required environment variable.
pub fn variable(name: &str) -> Result<String, Failure> {
    std::env::var(name).map_err(|_| format!("the environment variable {name} is not set").into())
}
