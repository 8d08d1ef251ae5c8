use std::sync::LazyLock;

use serde::Serialize;
use serde_json::Value;

/// An answer that API Gateway converts to an HTTP response.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    status_code: u16,
    headers: Headers,
    body: String,
}

#[derive(Debug, Serialize)]
struct Headers {
    #[serde(rename = "Access-Control-Allow-Origin")]
    allow_origin: &'static str,
    #[serde(rename = "Content-Type", skip_serializing_if = "Option::is_none")]
    content_type: Option<&'static str>,
}

static ALLOW_ORIGIN: LazyLock<String> =
    LazyLock::new(|| std::env::var("ALLOW_ORIGIN").unwrap_or_else(|_| "*".to_owned()));

impl Answer {
    /// An answer with a JSON body.
    #[must_use]
    pub fn json(status_code: u16, body: &Value) -> Self {
        Self::new(status_code, Some("application/json"), body.to_string())
    }

    /// The answer of an error: `{"message":…}`.
    #[must_use]
    pub fn message(status_code: u16, message: &str) -> Self {
        Self::json(status_code, &serde_json::json!({ "message": message }))
    }

    /// 204: an answer without a body and without Content-Type.
    #[must_use]
    pub fn no_content() -> Self {
        Self::new(204, None, String::new())
    }

    fn new(status_code: u16, content_type: Option<&'static str>, body: String) -> Self {
        let headers = Headers { allow_origin: &ALLOW_ORIGIN, content_type };
        Self { status_code, headers, body }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_json_answer_carries_type_and_origin() {
        let answer = serde_json::to_value(Answer::json(200, &json!({ "tattoo": u64::MAX }))).unwrap();
        let expected = json!({
            "statusCode": 200,
            "headers": {"Access-Control-Allow-Origin": "*", "Content-Type": "application/json"},
            "body": r#"{"tattoo":18446744073709551615}"#,
        });
        assert_eq!(answer, expected);
    }

    #[test]
    fn no_content_has_neither_body_nor_type() {
        let answer = serde_json::to_value(Answer::no_content()).unwrap();
        let expected =
            json!({"statusCode": 204, "headers": {"Access-Control-Allow-Origin": "*"}, "body": ""});
        assert_eq!(answer, expected);
    }

    #[test]
    fn a_message_is_json_whatever_it_says() {
        let answer = serde_json::to_value(Answer::message(400, "a \"quote\"")).unwrap();
        assert_eq!(answer["body"], r#"{"message":"a \"quote\""}"#);
    }
}
