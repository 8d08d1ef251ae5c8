use std::collections::HashMap;

use serde::Deserialize;

/// The part of API Gateway's proxy event that the functions read. Parsing skips the rest.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Request {
    path_parameters: Option<HashMap<String, String>>,
    query_string_parameters: Option<HashMap<String, String>>,
}

impl Request {
    /// The path parameter `name`.
    #[must_use]
    pub fn path_parameter(&self, name: &str) -> Option<&str> {
        self.path_parameters.as_ref()?.get(name).map(String::as_str)
    }

    /// The (last) value of the query parameter `name`.
    #[must_use]
    pub fn query_parameter(&self, name: &str) -> Option<&str> {
        self.query_string_parameters.as_ref()?.get(name).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_event_gives_its_parameters() {
        let event = r#"{
            "resource": "/sheeps/{tattoo}", "path": "/sheeps/7", "httpMethod": "POST", "headers": {"Host": "x"},
            "pathParameters": {"tattoo": "7"}, "queryStringParameters": {"m": "3"},
            "requestContext": {"stage": "v1"}, "body": null, "isBase64Encoded": false
        }"#;
        let request: Request = serde_json::from_str(event).unwrap();
        assert_eq!(request.path_parameter("tattoo"), Some("7"));
        assert_eq!(request.query_parameter("m"), Some("3"));
        assert_eq!(request.query_parameter("n"), None);
    }

    #[test]
    fn null_and_absent_parameters_are_none() {
        for event in [r#"{"pathParameters": null, "queryStringParameters": null}"#, "{}"] {
            let request: Request = serde_json::from_str(event).unwrap();
            assert_eq!(request.path_parameter("tattoo"), None);
            assert_eq!(request.query_parameter("m"), None);
        }
    }
}
