export { loadSharedConfigFiles, loadSsoSessionData } from '@smithy/core/config';
