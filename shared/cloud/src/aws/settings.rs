//! Settings of AWS that this program reads itself, from the environment and from the profile.
//!
//! The SDK's own reader of retry settings panics at a value that it does not know. This one takes every value that the
//! AWS CLI takes, and names the setting if the value means nothing.

use std::{borrow::Cow, env, fs, path::PathBuf};

use aws_config::{
    profile::ProfileSet,
    retry::{RetryConfig, RetryMode},
};
use aws_runtime::env_config::{file::EnvConfigFiles, property::PropertiesKey};
use aws_types::os_shim_internal::{Env, Fs};

/// A setting of AWS with a value that means nothing.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SettingError {
    /// The value is none of those that the setting may have.
    #[error("{place} must be {expected}, and is {found:?}")]
    Value {
        /// The variable, or the key and its profile.
        place: String,
        /// What the value must be.
        expected: &'static str,
        /// The value.
        found: String,
    },
    /// The setting names a file of root certificates, which cannot be used.
    #[error("{place} must name a file of root certificates in PEM, and {path:?} {fault}")]
    Roots {
        /// The variable, or the key and its profile.
        place: String,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: String,
    },
}

/// The settings of the environment and of the chosen profile.
pub(super) struct Settings {
    env: Env,
    /// `None` if the files cannot be parsed. The provider of credentials reports that.
    profiles: Option<ProfileSet>,
}

/// The services that this program calls, as variables and profiles name them.
const SERVICES: [&str; 4] = ["dynamodb", "sqs", "lambda", "sts"];

/// The endpoint that the profile's section of services has for this one.
fn endpoint_of<'a>(profiles: &'a ProfileSet, service: &str) -> Option<&'a str> {
    let key = PropertiesKey::builder()
        .section_key("services")
        .section_name(profiles.get("services")?)
        .property_name(service)
        .sub_property_name("endpoint_url")
        .build()
        .ok()?;
    profiles.other_sections().get(&key).map(String::as_str)
}

/// A setting that is set: where it stands, and its value.
struct Found {
    place: String,
    value: String,
}

impl Settings {
    /// Reads the profile that `AWS_PROFILE` names. What is no profile of the files has no settings.
    pub(super) async fn read() -> Self {
        Self::of(Env::real(), Fs::real()).await
    }

    async fn of(env: Env, fs: Fs) -> Self {
        let missed = missed_profile(&env).map(Cow::Owned);
        let profiles = aws_config::profile::load(&fs, &env, &EnvConfigFiles::default(), missed).await.ok();
        Settings { env, profiles }
    }

    /// The profile to tell the SDK, because it would take another one.
    pub(super) fn profile_that_the_sdk_misses(&self) -> Option<String> {
        missed_profile(&self.env).filter(|name| name != "default" || self.env.get("AWS_PROFILE").is_ok())
    }

    /// How calls are repeated, or an error that names the setting.
    pub(super) fn retries(&self) -> Result<RetryConfig, SettingError> {
        let mut retries = RetryConfig::standard();
        if let Some(found) = self.find("AWS_MAX_ATTEMPTS", "max_attempts") {
            retries = retries.with_max_attempts(attempts(found)?);
        }
        if let Some(found) = self.find("AWS_RETRY_MODE", "retry_mode") {
            retries = retries.with_retry_mode(mode(found)?);
        }
        Ok(retries)
    }

    /// Refuses an endpoint that is set and empty: the SDK's clients panic at it.
    pub(super) fn endpoints(&self) -> Result<(), SettingError> {
        let is_empty = |url: &str| url.trim().is_empty();
        let variables = SERVICES.map(|service| format!("AWS_ENDPOINT_URL_{}", service.to_uppercase()));
        let variables = ["AWS_ENDPOINT_URL".to_owned()].into_iter().chain(variables);
        let mut variables = variables.filter(|name| self.env.get(name).is_ok_and(|url| is_empty(&url)));
        let of_profile = || {
            let profiles = self.profiles.as_ref()?;
            let name = profiles.selected_profile();
            if profiles.get("endpoint_url").is_some_and(is_empty) {
                return Some(format!("endpoint_url of the AWS profile {name}"));
            }
            let mut services = SERVICES.iter();
            let service = services.find(|service| endpoint_of(profiles, service).is_some_and(is_empty))?;
            Some(format!("endpoint_url of {service} in the services of the AWS profile {name}"))
        };
        match variables.next().or_else(of_profile) {
            Some(place) => {
                Err(SettingError::Value { place, expected: "a URL, or not set at all", found: String::new() })
            }
            None => Ok(()),
        }
    }

    /// The root certificates to trust instead of the system's, as PEM. The SDK does not read this setting.
    pub(super) fn roots(&self) -> Result<Option<Vec<u8>>, SettingError> {
        let Some(Found { place, value }) = self.find("AWS_CA_BUNDLE", "ca_bundle") else { return Ok(None) };
        let path = PathBuf::from(value);
        match fs::read(&path).map_err(|error| format!("cannot be read: {error}")).and_then(super::roots::checked) {
            Ok(pem) => Ok(Some(pem)),
            Err(fault) => Err(SettingError::Roots { place, path, fault }),
        }
    }

    fn login_command(&self) -> Option<String> {
        let profiles = self.profiles.as_ref()?;
        let mut name = profiles.selected_profile();
        // Profiles may name each other in a circle.
        for _ in 0..=profiles.profiles().count() {
            let profile = profiles.get_profile(name)?;
            let command = match (profile.get("login_session"), profile.get("sso_session"), profile.get("sso_start_url"))
            {
                (Some(_), ..) => "aws login",
                (None, None, None) => {
                    name = profile.get("source_profile")?;
                    continue;
                }
                (None, ..) => "aws sso login",
            };
            return Some(if name == "default" { command.to_owned() } else { format!("{command} --profile {name}") });
        }
        None
    }

    /// The variable is stronger than the profile. An empty value counts as not set.
    fn find(&self, variable: &str, key: &str) -> Option<Found> {
        let is_set = |value: &String| !value.trim().is_empty();
        if let Some(value) = self.env.get(variable).ok().filter(is_set) {
            return Some(Found { place: variable.to_owned(), value });
        }
        let profiles = self.profiles.as_ref()?;
        let value = profiles.get(key).map(str::to_owned).filter(is_set)?;
        Some(Found { place: format!("{key} of the AWS profile {}", profiles.selected_profile()), value })
    }
}

/// The profile that the environment chooses. The AWS CLI knows the second variable too; the SDK does not.
fn profile(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let is_set = |name: &String| !name.is_empty();
    variable("AWS_PROFILE").filter(is_set).or_else(|| variable("AWS_DEFAULT_PROFILE").filter(is_set))
}

/// The profile, if the SDK would take another one. It takes an empty `AWS_PROFILE` for a profile without a name.
fn missed_profile(env: &Env) -> Option<String> {
    match env.get("AWS_PROFILE") {
        Ok(name) if !name.is_empty() => None,
        Ok(_) | Err(_) => Some(profile(|name| env.get(name).ok()).unwrap_or_else(|| "default".to_owned())),
    }
}

/// The SDK puts this variable into a header of every request, local ones too.
const EXECUTION_ENVIRONMENT: &str = "AWS_EXECUTION_ENV";

/// Refuses a value that no header can hold: every request of the SDK would fail at it.
///
/// # Errors
/// The variable holds a control character.
pub fn execution_environment() -> Result<(), SettingError> {
    sendable(env::var(EXECUTION_ENVIRONMENT).ok())
}

fn sendable(value: Option<String>) -> Result<(), SettingError> {
    match value.filter(|value| value.chars().any(char::is_control)) {
        Some(found) => Err(SettingError::Value {
            place: EXECUTION_ENVIRONMENT.to_owned(),
            expected: "text without control characters",
            found,
        }),
        None => Ok(()),
    }
}

/// The profile that this process's environment chooses.
pub fn chosen_profile() -> Option<String> {
    profile(|name| env::var(name).ok())
}

/// The command that signs in for the profile that the environment chooses, if its credentials come from a session of the
/// AWS CLI. A profile may have them from another one.
pub async fn login_command() -> Option<String> {
    Settings::read().await.login_command()
}

/// Whole numbers of any size. As for the AWS CLI, less than two means that no call is repeated.
fn attempts(Found { place, value }: Found) -> Result<u32, SettingError> {
    let text = value.trim();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(SettingError::Value { place, expected: "a whole number of attempts, such as 3", found: value });
    }
    let many = if text.starts_with('-') { 0 } else { digits.parse().unwrap_or(u32::MAX) };
    Ok(many.max(1))
}

/// `legacy` is botocore's first way to repeat calls. The SDK does not have it; its own standard way is the nearest.
fn mode(Found { place, value }: Found) -> Result<RetryMode, SettingError> {
    match value.trim().to_ascii_lowercase().as_str() {
        "standard" => Ok(RetryMode::Standard),
        "adaptive" => Ok(RetryMode::Adaptive),
        "legacy" => {
            tracing::warn!("{place} is legacy, which this program does not have: it repeats calls as for standard");
            Ok(RetryMode::Standard)
        }
        _ => Err(SettingError::Value { place, expected: "standard, adaptive or legacy", found: value }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    async fn settings(variables: &[(&str, &str)], config: &str) -> Settings {
        let mut all = vec![("AWS_CONFIG_FILE", "config")];
        all.extend(variables);
        Settings::of(Env::from_slice(&all), Fs::from_slice(&[("config", config)])).await
    }

    async fn retries(variables: &[(&str, &str)], config: &str) -> Result<RetryConfig, String> {
        settings(variables, config).await.retries().map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn every_value_that_the_aws_cli_takes_is_taken() {
        for (attempts, expected) in
            [("1", 1), ("88", 88), ("0", 1), ("-1", 1), (" 4 ", 4), ("+2", 2), ("99999999999999999999", u32::MAX)]
        {
            let profile = format!("[default]\nmax_attempts = {attempts}\n");
            for read in [retries(&[("AWS_MAX_ATTEMPTS", attempts)], "").await, retries(&[], &profile).await] {
                assert_eq!(read.unwrap().max_attempts(), expected, "{attempts}");
            }
        }
        for (mode, expected) in [
            ("standard", RetryMode::Standard),
            ("adaptive", RetryMode::Adaptive),
            ("legacy", RetryMode::Standard),
            ("LEGACY", RetryMode::Standard),
        ] {
            let profile = format!("[default]\nretry_mode = {mode}\n");
            for read in [retries(&[("AWS_RETRY_MODE", mode)], "").await, retries(&[], &profile).await] {
                assert_eq!(read.unwrap().mode(), expected, "{mode}");
            }
        }
        let empty = retries(&[("AWS_MAX_ATTEMPTS", ""), ("AWS_RETRY_MODE", " ")], "[default]\nretry_mode =\n").await;
        assert_eq!(empty.unwrap(), RetryConfig::standard());
        let nameless = retries(&[("AWS_PROFILE", "")], "[default]\nmax_attempts = 7\n").await;
        assert_eq!(nameless.unwrap().max_attempts(), 7);
    }

    #[tokio::test]
    async fn a_value_that_means_nothing_is_named_with_its_place() {
        let team = "[profile team]\nmax_attempts = many\nretry_mode = fast\n";
        for (variables, config, expected) in [
            (
                &[("AWS_MAX_ATTEMPTS", "three")][..],
                "",
                r#"AWS_MAX_ATTEMPTS must be a whole number of attempts, such as 3, and is "three""#,
            ),
            (
                &[("AWS_RETRY_MODE", "fast")],
                "",
                r#"AWS_RETRY_MODE must be standard, adaptive or legacy, and is "fast""#,
            ),
            (
                &[("AWS_PROFILE", "team")],
                team,
                r#"max_attempts of the AWS profile team must be a whole number of attempts, such as 3, and is "many""#,
            ),
            (
                &[("AWS_DEFAULT_PROFILE", "team"), ("AWS_MAX_ATTEMPTS", "2")],
                team,
                r#"retry_mode of the AWS profile team must be standard, adaptive or legacy, and is "fast""#,
            ),
        ] {
            assert_eq!(retries(variables, config).await.unwrap_err(), expected);
        }
    }

    #[tokio::test]
    async fn a_profile_that_signs_in_by_a_browser_names_the_command() {
        let config = "[default]\nlogin_session = arn:aws:iam::1:user/a\n[profile old]\nsso_start_url = https://a.example\n\
                      [profile new]\nsso_session = s\n[sso-session s]\nsso_start_url = https://a.example\n\
                      [profile role]\nrole_arn = arn:aws:iam::1:role/a\nsource_profile = new\n\
                      [profile one]\nsource_profile = two\n[profile two]\nsource_profile = one\n\
                      [profile keys]\naws_access_key_id = a\n";
        for (profile, command) in [
            ("default", Some("aws login")),
            ("old", Some("aws sso login --profile old")),
            ("new", Some("aws sso login --profile new")),
            ("role", Some("aws sso login --profile new")),
            ("one", None),
            ("keys", None),
            ("nobody", None),
        ] {
            let read = settings(&[("AWS_PROFILE", profile)], config).await;
            assert_eq!(read.login_command().as_deref(), command, "{profile}");
        }
    }

    #[tokio::test]
    async fn an_empty_endpoint_is_named() {
        for name in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL_DYNAMODB"] {
            let error = settings(&[(name, "")], "").await.endpoints().unwrap_err().to_string();
            assert_eq!(error, format!("{name} must be a URL, or not set at all, and is \"\""));
            assert!(settings(&[(name, "http://127.0.0.1:1")], "").await.endpoints().is_ok());
        }
        for service in SERVICES {
            let profile = |url: &str| {
                format!("[default]\nservices = here\n[services here]\n{service} =\n  endpoint_url = {url}\n  a = b\n")
            };
            let error = settings(&[], &profile("")).await.endpoints().unwrap_err().to_string();
            assert!(error.starts_with(&format!("endpoint_url of {service} in the services of")), "{error}");
            assert!(settings(&[], &profile("http://127.0.0.1:1")).await.endpoints().is_ok());
        }
        let error = settings(&[], "[default]\nendpoint_url =\n").await.endpoints().unwrap_err().to_string();
        assert!(error.starts_with("endpoint_url of the AWS profile default"), "{error}");
    }

    #[test]
    fn an_execution_environment_that_no_header_holds_is_named() {
        let error = sendable(Some("AWS_Lambda\n".to_owned())).unwrap_err().to_string();
        assert_eq!(error, r#"AWS_EXECUTION_ENV must be text without control characters, and is "AWS_Lambda\n""#);
        for usable in [None, Some(""), Some("AWS_Lambda_python3.13"), Some("é x")] {
            assert_eq!(sendable(usable.map(str::to_owned)), Ok(()));
        }
    }

    #[tokio::test]
    async fn a_bundle_that_cannot_be_used_is_named() {
        let directory = env::temp_dir().join(format!("taskway-roots-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        let (good, bad) = (directory.join("good.pem"), directory.join("bad.pem"));
        fs::write(&good, super::super::AMAZON_ROOTS).unwrap();
        fs::write(&bad, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
        let found = settings(&[("AWS_CA_BUNDLE", good.to_str().unwrap())], "").await.roots().unwrap();
        assert_eq!(found.as_deref(), Some(super::super::AMAZON_ROOTS.as_bytes()));
        for (path, fault) in [
            (bad.to_str().unwrap(), "holds a certificate that cannot be used"),
            ("/dev/null", "holds no certificate"),
            ("/nonexistent/roots.pem", "cannot be read"),
        ] {
            let profile = format!("[default]\nca_bundle = {path}\n");
            for (settings, place) in [
                (settings(&[("AWS_CA_BUNDLE", path)], "").await, "AWS_CA_BUNDLE must name"),
                (settings(&[], &profile).await, "ca_bundle of the AWS profile default must name"),
            ] {
                let error = settings.roots().unwrap_err().to_string();
                assert!(error.starts_with(place) && error.contains(path) && error.contains(fault), "{error}");
            }
        }
        assert_eq!(settings(&[], "").await.roots().unwrap(), None);
        fs::remove_dir_all(directory).unwrap();
    }
}
