//! Settings of AWS that this program reads itself, from the environment and from the profile.
//!
//! The SDK's own reader of retry settings panics at a value that it does not know. This one takes every value that the
//! AWS CLI takes, and names the setting if the value means nothing.

use std::{borrow::Cow, env, fs, path::PathBuf};

use aws_config::{
    Region,
    profile::ProfileSet,
    retry::{RetryConfig, RetryMode},
};
use aws_runtime::env_config::{file::EnvConfigFiles, property::PropertiesKey};
use aws_types::os_shim_internal::{Env, Fs};
use taskway_runtime::log::causes;

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
    /// The setting names a profile that the files do not have.
    #[error("{place} names the profile {name:?}, which the AWS files config and credentials do not have")]
    Profile {
        /// The variable.
        place: &'static str,
        /// The profile.
        name: String,
    },
    /// A file of settings cannot be read.
    #[error("the AWS files config and credentials cannot be used: {0}")]
    Files(String),
    /// Two settings that exclude each other.
    #[error("{place} cannot be used together with an endpoint URL: unset one of the two")]
    Variant {
        /// The variable, or the key and its profile.
        place: String,
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
    profiles: ProfileSet,
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

/// Whether an endpoint can be one: http or https, and a host.
fn is_url(text: &str) -> bool {
    let url = text.parse::<http::Uri>();
    url.is_ok_and(|url| matches!(url.scheme_str(), Some("http" | "https")) && url.host().is_some())
}

/// A setting that is set: where it stands, and its value.
struct Found {
    place: String,
    value: String,
}

impl Settings {
    /// Reads the files and the profile that the environment chooses.
    ///
    /// # Errors
    /// The files cannot be read, or do not have the profile.
    pub(super) async fn read() -> Result<Self, SettingError> {
        Self::of(Env::real(), Fs::real()).await
    }

    async fn of(env: Env, fs: Fs) -> Result<Self, SettingError> {
        // The SDK takes a file in another encoding for an empty one.
        for (variable, file) in [("AWS_CONFIG_FILE", "config"), ("AWS_SHARED_CREDENTIALS_FILE", "credentials")] {
            let of_home = || env.get("HOME").ok().map(|home| format!("{home}/.aws/{file}"));
            let Some(path) = env.get(variable).ok().or_else(of_home) else { continue };
            let text = fs.read_to_end(&path).await.unwrap_or_default();
            if let Err(error) = std::str::from_utf8(&text) {
                return Err(SettingError::Files(format!("{path} is not UTF-8: {error}")));
            }
        }
        let missed = missed_profile(&env).map(Cow::Owned);
        let loaded = aws_config::profile::load(&fs, &env, &EnvConfigFiles::default(), missed).await;
        let profiles = loaded.map_err(|error| SettingError::Files(causes(&error).to_string()))?;
        for place in ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"] {
            let name = env.get(place).unwrap_or_default();
            if name == profiles.selected_profile() && name != "default" && profiles.get_profile(&name).is_none() {
                return Err(SettingError::Profile { place, name });
            }
        }
        Ok(Settings { env, profiles })
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

    /// Refuses an endpoint that is no URL, for the SDK's clients panic at it or fail at every call, and one beside a setting
    /// that chooses AWS's own endpoints.
    pub(super) fn endpoints(&self) -> Result<(), SettingError> {
        let ignored = self.find("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls");
        if ignored.is_some_and(|found| found.value.eq_ignore_ascii_case("true")) {
            return Ok(());
        }
        let mut endpoints = self.all_endpoints();
        if let Some((place, found)) = endpoints.iter().find(|(_, url)| !is_url(url)) {
            let expected = "a URL such as http://127.0.0.1:8000, or not set at all";
            return Err(SettingError::Value { place: place.clone(), expected, found: found.clone() });
        }
        let variants =
            [("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"), ("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")];
        let mut chosen = variants.into_iter().filter_map(|(variable, key)| self.find(variable, key));
        match (endpoints.pop(), chosen.find(|found| found.value.eq_ignore_ascii_case("true"))) {
            (Some(_), Some(Found { place, .. })) => Err(SettingError::Variant { place }),
            _ => Ok(()),
        }
    }

    /// Every endpoint that is set, also an empty one: where it stands, and its value.
    fn all_endpoints(&self) -> Vec<(String, String)> {
        let variables = SERVICES.map(|service| format!("AWS_ENDPOINT_URL_{}", service.to_uppercase()));
        let variables = ["AWS_ENDPOINT_URL".to_owned()].into_iter().chain(variables);
        let variables = variables.filter_map(|name| self.env.get(&name).ok().map(|url| (name, url)));
        let name = self.profiles.selected_profile();
        let general =
            self.profiles.get("endpoint_url").map(|url| (format!("endpoint_url of the AWS profile {name}"), url));
        let services = SERVICES.iter().filter_map(|service| {
            let place = format!("endpoint_url of {service} in the services of the AWS profile {name}");
            Some((place, endpoint_of(&self.profiles, service)?))
        });
        let of_profile = general.into_iter().chain(services).map(|(place, url)| (place, url.to_owned()));
        variables.chain(of_profile).collect()
    }

    /// The region, if the environment or the profile says one. The SDK takes an empty variable for a region.
    pub(super) fn region(&self) -> Result<Option<Region>, SettingError> {
        let is_set = |name: &&str| self.env.get(name).is_ok_and(|value| !value.trim().is_empty());
        let variable = Some("AWS_REGION").filter(is_set).unwrap_or("AWS_DEFAULT_REGION");
        let Some(Found { place, value }) = self.find(variable, "region") else { return Ok(None) };
        let is_region = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let region = value.trim();
        if !is_region(region) {
            return Err(SettingError::Value { place, expected: "a region such as eu-central-1", found: value });
        }
        Ok(Some(Region::new(region.to_owned())))
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
        let profiles = &self.profiles;
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
        let profiles = &self.profiles;
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
    Settings::read().await.ok()?.login_command()
}

/// The most attempts. The SDK's work for each call grows with the number, and no call has the time for more.
const MOST_ATTEMPTS: u32 = 100;

/// Whole numbers of any size. As for the AWS CLI, less than two means that no call is repeated.
fn attempts(Found { place, value }: Found) -> Result<u32, SettingError> {
    let text = value.trim();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(SettingError::Value { place, expected: "a whole number of attempts, such as 3", found: value });
    }
    let many = if text.starts_with('-') { 0 } else { digits.parse().unwrap_or(u32::MAX) };
    Ok(many.clamp(1, MOST_ATTEMPTS))
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
        read(variables, config).await.unwrap()
    }

    async fn read(variables: &[(&str, &str)], config: &str) -> Result<Settings, SettingError> {
        let mut all = vec![("AWS_CONFIG_FILE", "config")];
        all.extend(variables);
        Settings::of(Env::from_slice(&all), Fs::from_slice(&[("config", config)])).await
    }

    #[tokio::test]
    async fn a_profile_that_no_file_has_is_named() {
        let config = "[default]\nregion = eu-west-1\n[profile my team]\nregion = eu-west-2\n";
        for place in ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"] {
            let error = read(&[(place, "nope")], config).await.err().unwrap().to_string();
            assert!(error.starts_with(&format!("{place} names the profile \"nope\"")), "{error}");
        }
        assert!(read(&[("AWS_PROFILE", "default")], "").await.is_ok());
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_read_is_named() {
        let error = read(&[], "[default\nregion = eu-west-1\n").await.err().unwrap().to_string();
        assert!(error.starts_with("the AWS files config and credentials cannot be used: "), "{error}");
        let latin = Fs::from_raw_map([("config".into(), b"[default]\n# M\xfcller\n".to_vec())].into());
        let error = Settings::of(Env::from_slice(&[("AWS_CONFIG_FILE", "config")]), latin).await.err().unwrap();
        assert!(error.to_string().contains("config is not UTF-8: "), "{error}");
    }

    #[tokio::test]
    async fn an_empty_region_counts_as_not_set() {
        let config = "[default]\nregion = eu-west-3\n";
        for (variables, expected) in [
            (&[("AWS_REGION", "eu-west-1"), ("AWS_DEFAULT_REGION", "eu-west-2")][..], Some("eu-west-1")),
            (&[("AWS_REGION", ""), ("AWS_DEFAULT_REGION", "eu-west-2")], Some("eu-west-2")),
            (&[("AWS_REGION", ""), ("AWS_DEFAULT_REGION", " ")], Some("eu-west-3")),
            (&[], Some("eu-west-3")),
        ] {
            let region = settings(variables, config).await.region().unwrap();
            assert_eq!(region.as_ref().map(Region::as_ref), expected);
        }
        assert_eq!(settings(&[], "").await.region(), Ok(None));
        let error = settings(&[("AWS_REGION", "\"us-east-1\"")], "").await.region().unwrap_err().to_string();
        assert!(error.starts_with("AWS_REGION must be a region such as eu-central-1, and is"), "{error}");
    }

    #[tokio::test]
    async fn endpoints_of_aws_are_not_chosen_beside_an_endpoint() {
        let endpoint = ("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
        let both = settings(&[endpoint, ("AWS_USE_FIPS_ENDPOINT", "true")], "").await.endpoints().unwrap_err();
        assert_eq!(
            both.to_string(),
            "AWS_USE_FIPS_ENDPOINT cannot be used together with an endpoint URL: unset one of the two"
        );
        for alone in [
            &[endpoint, ("AWS_USE_FIPS_ENDPOINT", "false")][..],
            &[("AWS_USE_DUALSTACK_ENDPOINT", "true")],
            &[endpoint, ("AWS_USE_FIPS_ENDPOINT", "true"), ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")],
        ] {
            assert_eq!(settings(alone, "").await.endpoints(), Ok(()));
        }
    }

    async fn retries(variables: &[(&str, &str)], config: &str) -> Result<RetryConfig, String> {
        settings(variables, config).await.retries().map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn every_value_that_the_aws_cli_takes_is_taken() {
        for (attempts, expected) in
            [("1", 1), ("88", 88), ("0", 1), ("-1", 1), (" 4 ", 4), ("+2", 2), ("99999999999999999999", 100)]
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
        ] {
            let read = settings(&[("AWS_PROFILE", profile)], config).await;
            assert_eq!(read.login_command().as_deref(), command, "{profile}");
        }
    }

    #[tokio::test]
    async fn an_endpoint_that_is_no_url_is_named() {
        for (name, value) in [
            ("AWS_ENDPOINT_URL", ""),
            ("AWS_ENDPOINT_URL_SQS", "localhost:9324"),
            ("AWS_ENDPOINT_URL_DYNAMODB", "not a url"),
            ("AWS_ENDPOINT_URL_DYNAMODB", " http://127.0.0.1:1"),
            ("AWS_ENDPOINT_URL_LAMBDA", "ftp://127.0.0.1"),
        ] {
            let error = settings(&[(name, value)], "").await.endpoints().unwrap_err().to_string();
            let expected = "must be a URL such as http://127.0.0.1:8000, or not set at all, and is";
            assert_eq!(error, format!("{name} {expected} {value:?}"));
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
