export {
  ScriptedBackend,
  type ScriptedCall,
  type ScriptedStream,
  ScriptedStreamingBackend,
} from '../../src/verify/testing/scripted-backend.ts';
