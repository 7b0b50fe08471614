import { expect, it } from 'vitest';
import { joinCaptions } from './join-captions.ts';

it('takes each text once, and none that is a part of another', () => {
  expect(joinCaptions(['Pump', 'The  pump\nP-101', 'the pump p-101', 'Its motor'])).toBe(
    'The pump P-101\nIts motor',
  );
});

it('leaves out what says nothing', () => {
  expect(joinCaptions(['', ' \0 ', '---', 'IMG_2034', 'Created with GIMP', 'scan.tiff'])).toBeNull();
});
