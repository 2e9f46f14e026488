//! Errors on the wire: a status, a `__type`, and the older protocol's code. SDKs prefer that code to the type.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::emulator::sqs::SqsError;

pub(super) const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.0");

/// An error's names: the JSON protocol's shape and the Query protocol's code.
struct Names {
    shape: &'static str,
    code: &'static str,
}

fn names(error: &SqsError) -> Names {
    let (shape, code) = match error {
        SqsError::QueueDoesNotExist => {
            ("com.amazonaws.sqs#QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue")
        }
        SqsError::QueueNameExists { .. } => ("com.amazonaws.sqs#QueueNameExists", "QueueAlreadyExists"),
        SqsError::PurgeQueueInProgress { .. } => {
            ("com.amazonaws.sqs#PurgeQueueInProgress", "AWS.SimpleQueueService.PurgeQueueInProgress")
        }
        SqsError::EmptyBatchRequest { .. } => {
            ("com.amazonaws.sqs#EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest")
        }
        SqsError::TooManyEntriesInBatchRequest { .. } => {
            ("com.amazonaws.sqs#TooManyEntriesInBatchRequest", "AWS.SimpleQueueService.TooManyEntriesInBatchRequest")
        }
        SqsError::BatchEntryIdsNotDistinct { .. } => {
            ("com.amazonaws.sqs#BatchEntryIdsNotDistinct", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct")
        }
        SqsError::InvalidBatchEntryId => {
            ("com.amazonaws.sqs#InvalidBatchEntryId", "AWS.SimpleQueueService.InvalidBatchEntryId")
        }
        SqsError::BatchRequestTooLong { .. } => {
            ("com.amazonaws.sqs#BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong")
        }
        SqsError::InvalidAttributeName(_) => ("com.amazonaws.sqs#InvalidAttributeName", "InvalidAttributeName"),
        SqsError::InvalidAttributeValue { .. } => ("com.amazonaws.sqs#InvalidAttributeValue", "InvalidAttributeValue"),
        SqsError::InvalidMessageContents => ("com.amazonaws.sqs#InvalidMessageContents", "InvalidMessageContents"),
        // SQS's model does not have these two shapes. They come from AWS's service framework.
        SqsError::InvalidParameterValue(_) => {
            ("com.amazon.coral.service#InvalidParameterValueException", "InvalidParameterValue")
        }
        SqsError::MissingParameter(_) => {
            ("com.amazon.coral.service#MissingRequiredParameterException", "MissingParameter")
        }
        SqsError::OverLimit => ("com.amazonaws.sqs#OverLimit", "OverLimit"),
        SqsError::ReceiptHandleIsInvalid(_) => ("com.amazonaws.sqs#ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid"),
        SqsError::UnsupportedOperation(_) => {
            ("com.amazonaws.sqs#UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation")
        }
        SqsError::Serialization(_) => ("com.amazon.coral.service#SerializationException", "SerializationException"),
        SqsError::UnknownOperation(_) => {
            ("com.amazon.coral.service#UnknownOperationException", "UnknownOperationException")
        }
        SqsError::RequestTooLarge { .. } => {
            ("com.amazon.coral.service#RequestEntityTooLargeException", "RequestEntityTooLarge")
        }
        SqsError::ServiceUnavailable => ("com.amazonaws.sqs#ServiceUnavailable", "ServiceUnavailable"),
    };
    Names { shape, code }
}

/// The error code of one entry in a batch's answer.
pub(super) fn code(error: &SqsError) -> &'static str {
    names(error).code
}

pub(super) fn response(error: &SqsError) -> Response {
    #[derive(Serialize)]
    struct Refusal {
        #[serde(rename = "__type")]
        shape: &'static str,
        message: String,
    }
    let Names { shape, code } = names(error);
    let (status, fault) = if *error == SqsError::ServiceUnavailable {
        (StatusCode::SERVICE_UNAVAILABLE, "Receiver")
    } else {
        (StatusCode::BAD_REQUEST, "Sender")
    };
    let json = serde_json::to_vec(&Refusal { shape, message: error.to_string() }).unwrap_or_default();
    let mut response = (status, [(header::CONTENT_TYPE, CONTENT_TYPE)], json).into_response();
    if let Ok(code) = HeaderValue::from_str(&format!("{code};{fault}")) {
        response.headers_mut().insert("x-amzn-query-error", code);
    }
    response
}

/// The answer to a client of the Query protocol. It has that protocol's form, so that the client can show its text.
pub(super) fn query_protocol() -> Response {
    const XML: &str = "<?xml version=\"1.0\"?><ErrorResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\">\
        <Error><Type>Sender</Type><Code>AWS.SimpleQueueService.UnsupportedOperation</Code><Message>this endpoint \
        speaks SQS's JSON protocol and not the older Query protocol: use a current AWS SDK (boto3 since 1.28.82, \
        JavaScript v3 since 3.447.0, Go v2 since 1.28.0, Java v2 since 2.21.19)</Message><Detail/></Error>\
        <RequestId>00000000-0000-4000-8000-000000000000</RequestId></ErrorResponse>";
    (StatusCode::BAD_REQUEST, [(header::CONTENT_TYPE, "text/xml")], XML).into_response()
}
