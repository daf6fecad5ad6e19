import { local } from './lib/codes';

// Final results stay, each with the code that the receiver knows.
for (const obx of msg.segments('OBX')) {
  if (obx.get('11') !== 'F') {
    obx.remove();
    continue;
  }
  obx.set('3.4', local(obx.get('3')) ?? '');
  obx.set('3.5', 'HOUSE');
}

const mrn: string = msg.get('PID-3.1');
channelMap.put('mrn', mrn.replace(/[^A-Za-z0-9]/g, '_'));
